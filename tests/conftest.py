"""What every test may ask for. `python3 manage.py test` starts the servers that all of it stands on."""

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.desk",
    "tests.fixtures.browser",
    "tests.fixtures.callers",
    "tests.fixtures.sink",
    "tests.fixtures.provider",
]
