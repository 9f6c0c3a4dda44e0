"""Everything that makes the desk run on one machine: libraries, servers, processes, a browser for tests."""
