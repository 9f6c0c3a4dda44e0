"""The documents that come with some of the demo's packages, as an agent would send them."""

from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import ContentFile

FOLDER = Path(__file__).parent / "documents"


@dataclass(frozen=True)
class Document:
    package: str  # the name of one on the shelf
    name: str
    title: str
    must_read: bool = False

    def file(self) -> ContentFile[bytes]:
        return ContentFile((FOLDER / self.name).read_bytes(), self.name)


DOCUMENTS = [
    Document("wire-new-account", "BMF-4471.pdf", "Invoice 4471 as it came", must_read=True),
    Document("wire-new-account", "payments-SUP-2041.csv", "Payments to the supplier"),
    Document("refund-parcel-missing", "delivery-photo.jpg", "The carrier's photo of the delivery"),
]


def of_package(name: str) -> list[Document]:
    return [document for document in DOCUMENTS if document.package == name]
