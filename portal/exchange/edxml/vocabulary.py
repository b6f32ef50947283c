"""The names of the elements of edXML, as QCVN 102:2016/BTTTT and deployed systems write them."""

#: Of the envelope and its parts, of the header, of trace headers and business, of status, manifest and files; what
#: dialects have beside: SOAP's containers, the other spelling of Bussiness, words of the gateways.
_WORDS = """
edXML edXMLEnvelope edXMLHeader edXMLBody edXMLManifest Manifest Envelope Header Body
MessageHeader TraceHeaderList Signature DigitalSignature Status AttachmentEncoded
From To OrganId OrganizationInCharge OrganName OrganAdd Email Telephone Fax Website
DocumentId Code CodeNumber CodeNotation PromulgationInfo Place PromulgationDate
DocumentType Type TypeDetail TypeName Subject Content SignerInfo Competence Position FullName DueDate
OtherInfo Priority SphereOfPromulgation TyperNotation PromulgationAmount PageAmount Direction
ReplyFors ReplyFor ReferenceCodes ReferenceCode Appendixes Appendix
ResponseFor SteeringType ResponseForTask ApplicationType ToPlaces
TraceHeader Timestamp Bussiness BussinessDocType BussinessDocReason Paper BussinessDocumentInfo
DocumentInfo DocumentReceiver ReceiverList Receiver ReceiverType
ReplacementInfoList ReplacementInfo OrganIdList StaffInfo Department DepartmentId Staff StaffId Mobile
Business BusinessDocType BusinessDocReason BusinessDocumentInfo BusinessName BusinessCode StaffName StaffCode
StatusCode Description
Reference ContentId ContentType AttachmentName Attachment ContentTransferEncoded
"""
NAMES = frozenset(_WORDS.split())
SMALL = {name.lower() for name in NAMES}
#: Where one of these stands in a place that is not read, a second message is hidden.
STRUCTURE = frozenset(("edxml", "edxmlenvelope", "edxmlheader", "edxmlbody", "edxmlmanifest", "messageheader",
                       "traceheaderlist", "attachmentencoded", "contenttransferencoded"))


def deviation(said: str) -> str | None:
    """How the name of an element departs from the vocabulary, as a name of deviations.NAMES."""
    if said in NAMES:
        return None
    return "letter_case" if said.lower() in SMALL else "unknown_element"
