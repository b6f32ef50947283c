"""What in a message is not as QCVN 102:2016/BTTTT writes it, though it was understood: noted by name."""
from collections.abc import Mapping

from portal.kit.text import N_

NAMES: Mapping[str, str] = {
    "byte_order_mark": N_("A byte order mark stands at the beginning"),
    "utf16": N_("Written in UTF-16 instead of UTF-8"),
    "encoding_declared": N_("The declared encoding is not the one it is written in"),
    "leading_space": N_("Blanks stand before the XML declaration"),
    "instruction": N_("Holds a processing instruction, which was passed over"),
    "namespace_old": N_("Uses the older namespace http://www.e-doc.vn/Schema/"),
    "namespace_missing": N_("Elements stand in no namespace"),
    "namespace_unknown": N_("Uses a namespace that is not the standard's"),
    "namespace_foreign": N_("Holds elements of another namespace, which were passed over"),
    "prefix_undeclared": N_("Uses a prefix that is declared nowhere"),
    "letter_case": N_("Names of elements are written in other capitals"),
    "spelling_business": N_("Writes Business where the standard writes Bussiness"),
    "unknown_element": N_("Holds elements that the standard does not name, which were passed over"),
    "repeated": N_("Says the same element twice"),
    "place": N_("Elements stand in another place than the standard's"),
    "order_other": N_("The elements stand in an order of their own"),
    "root_missing": N_("The edXML element around the envelope is missing"),
    "envelope_missing": N_("The edXMLEnvelope element is missing"),
    "header_missing": N_("The edXMLHeader element is missing"),
    "soap": N_("Lies in a SOAP envelope"),
    "status_older": N_("A status in the older form, the element Status"),
    "organ_old": N_("Uses codes of agencies in the old form (000.00.01.H99)"),
    "organ_unknown": N_("Uses a code of an agency that has not the form of one"),
    "organ_plain": N_("Names an agency by its code alone"),
    "organ_missing": N_("Names an agency without its code"),
    "organs_in_one": N_("Names several receivers in one element"),
    "receiver_missing": N_("Names no receiver"),
    "document_id_missing": N_("The document has no DocumentId"),
    "document_id_in_business": N_("The DocumentId stands in Bussiness alone"),
    "document_id_uuid": N_("The DocumentId is a UUID"),
    "document_id_date": N_("The date in the DocumentId is not written yyyy/MM/dd"),
    "document_id_form": N_("The DocumentId has a form of its own"),
    "document_id_differs": N_("The DocumentId says another sender, date or number than the fields"),
    "code_missing": N_("The document has no number and notation"),
    "code_text": N_("Number and notation are written in one"),
    "type_missing": N_("The DocumentType is missing"),
    "subject_missing": N_("The document has no subject"),
    "date_form": N_("A date is not written yyyy/MM/dd"),
    "date_unreadable": N_("A date could not be read and was left out"),
    "stamp_form": N_("A time is not written yyyy/MM/dd HH:mm:ss"),
    "stamp_zone": N_("A time names its zone"),
    "stamp_missing": N_("The time is missing"),
    "list_in_text": N_("Several values are written in one element"),
    "trace_missing": N_("The trace headers are missing"),
    "business_missing": N_("Does not say what the document does: taken as a new one"),
    "business_in_trace": N_("Says what the document does in the trace header"),
    "business_words": N_("Says in words what the document does"),
    "business_unread": N_("The business of a trace header could not be read and decides nothing"),
    "status_code_short": N_("The status code is written with one digit"),
    "status_code_unknown": N_("The status code is not one that is known here"),
    "manifest_missing": N_("The manifest of the attached files is missing"),
    "content_id_plain": N_("A ContentId is written without cid:"),
    "content_id_missing": N_("A ContentId is missing"),
    "content_id_differs": N_("The ContentId of manifest and file do not match: joined by name or place"),
    "not_in_manifest": N_("A file is not named in the manifest"),
    "attachment_several": N_("A zipped file held several files"),
    "attachment_empty": N_("An attached file is empty"),
    "content_type_differs": N_("The ContentType says something else than the bytes"),
    "name_in_manifest": N_("The name of a file stands in the manifest alone"),
    "name_in_attachment": N_("The name of a file is missing in the manifest"),
    "name_differs": N_("Manifest and file give different names"),
    "name_in_zip": N_("The name of a file was taken from the zip"),
    "name_missing": N_("A file has no name: one was given"),
    "name_tidied": N_("The name of a file held a path or characters that no name has: it was reduced"),
    "zip_folder": N_("A zipped file held folders"),
    "signature_empty": N_("The place of the signature is empty"),
    "signature_sha1": N_("Signed with SHA-1, which is no longer safe"),
    "signature_stub": N_("The signature names nothing that it signs"),
    "signature_partial": N_("The signature covers a part of the message only"),
    "signature_place": N_("The signature stands in another place than the header"),
}


class Noted:
    """The deviations of one message, each once, in the order met."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def note(self, *names: str | None) -> None:
        """Take down what has a name; None is none."""
        for name in names:
            if name:
                assert name in NAMES, name
                self._names[name] = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names)
