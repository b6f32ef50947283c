"""Attached files: joined with their names however these are given, unpacked by their bytes, whole or refused."""
import base64
import hashlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from portal.exchange.edxml import shapes
from portal.exchange.edxml.message import Refused
from tests.exchange.edxml.letters import PDF, A, between, changed, file, letter, manifest, reference, understood, zipped

pytestmark = pytest.mark.once
DOCX = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
NAMED = manifest(reference())


def got(tmp_path, body="", files=""):
    """Name and content of every file, and what was noted of them."""
    message = understood(letter(body=body, files=files), tmp_path)
    for each in message.attachments:
        assert hashlib.sha256(each.path.read_bytes()).hexdigest() == each.sha256
    assert {each.path for each in message.attachments} == set(tmp_path.iterdir())
    about_files = {"document_id_missing", "code_missing", "type_missing", "subject_missing", "business_missing"}
    return ([(each.name, each.path.read_bytes()) for each in message.attachments],
            set(message.seen.deviations) - about_files)


@pytest.mark.parametrize(("content", "type_", "noted"), [
    (PDF, "application/pdf", set()), (zipped(("a.pdf", PDF)), "application/zip", set()),
    (PDF, "application/zip", {"content_type_differs"}),
    (zipped(("a.pdf", PDF)), "application/pdf", {"content_type_differs"}),
    (PDF, None, set()), (PDF, "x", set()), (zipped(("a.pdf", PDF), method=0), "application/zip", set())])
def test_a_file_is_unzipped_by_its_bytes_whatever_is_said_of_it(tmp_path, content, type_, noted):
    assert got(tmp_path, NAMED, file(content, type_=type_)) == ([("a.pdf", PDF)], noted)


JOINED = {
    "by ContentId": ([reference("b.pdf", "cid:2"), reference("a.pdf", "cid:1")], ("cid:1", None), ("cid:2", None),
                     set()),
    "with and without cid:": ([reference("a.pdf", "cid:1"), reference("b.pdf", "2")], ("1", None), ("cid:2", None),
                              {"content_id_plain"}),
    "in brackets and capitals": ([reference("a.pdf", "CID:One"), reference("b.pdf", "cid:two")], ("&lt;one&gt;", None),
                                 ("TWO", None), {"content_id_plain"}),
    "by xlink:href": ([reference("a.pdf", None, ' xlink:href="cid:1" xmlns:xlink="http://www.w3.org/1999/xlink"'),
                       reference("b.pdf", None, ' href="cid:2"')], ("1", None), ("2", None), {"content_id_plain"}),
    "by name": ([reference("b.pdf", "x"), reference("a.pdf", "y")], ("cid:1", "a.pdf"), ("cid:2", "B.PDF"),
                {"content_id_plain", "content_id_differs", "name_differs"}),
    "by place": ([reference("a.pdf", "cid:x"), reference("b.pdf", "cid:y")], ("cid:1", None), ("cid:2", None),
                 {"content_id_differs"}),
    "by place, without ids": ([reference("a.pdf", None), reference("b.pdf", None)], (None, None), (None, None),
                              {"content_id_missing"}),
    "by name, of one id": ([reference("b.pdf"), reference("a.pdf")], ("cid:1", "a.pdf"), ("cid:1", "b.pdf"), set()),
    "named in the attachment alone": ([reference(None, "cid:1"), reference(None, "cid:2")], ("cid:1", "a.pdf"),
                                      ("cid:2", "b.pdf"), {"name_in_attachment"}),
    "without a manifest": ([], ("cid:1", "a.pdf"), ("cid:2", "b.pdf"), {"manifest_missing"}),
    "one is not in the manifest": ([reference("a.pdf", "cid:1")], ("cid:1", "a.pdf"), ("cid:2", "b.pdf"),
                                   {"not_in_manifest"}),
    "one is named twice": ([reference("a.pdf"), reference("a.pdf"), reference("b.pdf", "cid:2")], ("cid:1", "a.pdf"),
                           ("cid:2", "b.pdf"), set()),
}


@pytest.mark.parametrize("how", JOINED)
def test_contents_are_joined_with_their_names(tmp_path, how):
    references, first, second, noted = JOINED[how]
    found, said = got(tmp_path, manifest(*references), "".join(
        file(content, name, id_) for (id_, name), content in ((first, PDF), (second, PDF + b"2"))))
    assert [(name.lower(), content) for name, content in found] == [("a.pdf", PDF), ("b.pdf", PDF + b"2")]
    assert said - {"name_in_manifest"} == noted


@pytest.mark.parametrize("files", ["", "<Attachment/>", "<Attachment><ContentId>cid:1</ContentId></Attachment>",
                                   "<Attachment><AttachmentName>a.pdf</AttachmentName></Attachment>"])
def test_a_file_that_is_named_and_not_there_is_refused(tmp_path, files):
    with pytest.raises(Refused, match="attachment_missing"):
        got(tmp_path, NAMED, files)
    assert list(tmp_path.iterdir()) == []


def test_one_file_for_two_names_is_half_a_message(tmp_path):
    with pytest.raises(Refused, match=r"attachment_missing: b\.pdf"):
        got(tmp_path, manifest(reference(), reference("b.pdf", "cid:2")), file(PDF))


@pytest.mark.parametrize("files", ["", "<Attachment/>", "\n  "])
def test_a_document_may_have_no_files(tmp_path, files):
    assert got(tmp_path, manifest(), files) == ([], set())
    assert got(tmp_path, manifest("<Reference/>"), files)[0] == []


def test_an_empty_file_is_a_file_and_is_noted(tmp_path):
    assert got(tmp_path, NAMED, file(b"")) == ([("a.pdf", b"")], {"attachment_empty"})


def test_a_content_may_stand_without_an_attachment_around_it(tmp_path):
    files = file(PDF).removeprefix("<Attachment>").removesuffix("</Attachment>")
    assert got(tmp_path, NAMED, files)[0] == [("a.pdf", PDF)]


@pytest.mark.parametrize("change", [lambda text: "\n".join(text[at:at + 76] for at in range(0, len(text), 76)),
                                    lambda text: "\r\n ".join(text[at:at + 60] for at in range(0, len(text), 60)),
                                    lambda text: f"\n\t{text}\n", lambda text: f"<![CDATA[{text}]]>",
                                    lambda text: text[:9] + "<!-- x -->" + text[9:],
                                    lambda text: text.replace("A", "&#65;")])
def test_base64_may_be_broken_into_lines_and_wrapped_as_xml_wraps_text(tmp_path, change):
    content = PDF * 20
    text = base64.b64encode(content).decode()
    assert got(tmp_path, NAMED, file(content).replace(text, change(text)))[0] == [("a.pdf", content)]


@pytest.mark.parametrize(("change", "reason"), [
    (lambda text: text[:-1], "base64_cut"), (lambda text: text[:-2], "base64_cut"),
    (lambda text: text[:-3], "base64_cut"), (lambda text: text[:33], "base64_cut"),
    (lambda text: text[:32], "attachment_cut"),
    (lambda text: text[:20] + "==" + text[20:], "base64"), (lambda text: text + "AAAA", "base64"),
    (lambda text: text[:8] + "====" + text[8:], "base64"),
    (lambda text: text.replace("+", "-").replace("/", "_"), "base64"),
    (lambda text: "data:application/pdf;base64," + text, "base64"), (lambda text: text[:8] + "*" + text[8:], "base64"),
    (lambda text: text[:8] + "é" + text[9:], "base64"), (lambda text: text[:8] + "<b/>" + text[8:], "base64"),
    (lambda text: "", None), (lambda text: "=", "base64_cut"), (lambda text: "====", "base64")])
def test_base64_that_is_cut_or_none_is_refused_and_nothing_stays(tmp_path, change, reason):
    content = PDF[:9] + b"\xfb\xef\xff" + PDF[9:]
    text = base64.b64encode(content).decode()
    assert text.endswith("==") and "+" in text and "/" in text
    files = file(content).replace(text, change(text))
    if reason is None:
        assert got(tmp_path, NAMED, files)[0] == [("a.pdf", b"")]
        return
    with pytest.raises(Refused) as refused:
        got(tmp_path, NAMED, files)
    assert refused.value.reason == reason
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", range(0, 260, 4))
def test_a_zip_that_is_cut_anywhere_is_refused(tmp_path, length):
    text = base64.b64encode(zipped(("a.pdf", PDF * 3))).decode()
    assert len(text) < 260
    cut = text[:length]
    if cut and cut != text:
        with pytest.raises(Refused):
            got(tmp_path, NAMED, file(b"").replace("<ContentTransferEncoded>", f"<ContentTransferEncoded>{cut}"))
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [PDF[:-6], b"\x89PNG\r\n\x1a\n" + b"x" * 50])
def test_a_file_that_ends_before_its_end_is_refused(tmp_path, content):
    for packed in (content, zipped(("a.pdf", content))):
        with pytest.raises(Refused, match="attachment_cut"):
            got(tmp_path, NAMED, file(packed))


def test_several_files_in_one_zip_are_each_a_file(tmp_path):
    packed = zipped(("Tờ trình.pdf", PDF), ("phụ lục/Danh sách.txt", b"x"), ("phụ lục/", b""), ("__MACOSX/._x", b"y"))
    assert got(tmp_path, NAMED, file(packed)) == (
        [("Tờ trình.pdf", PDF), ("Danh sách.txt", b"x")], {"attachment_several", "zip_folder", "name_in_zip"})


@pytest.mark.parametrize(("named", "inside", "name", "noted"), [
    ("cv.pdf", "1.pdf", "cv.pdf", set()), ("cv.pdf.zip", "cv.pdf", "cv.pdf", {"name_in_zip"}),
    ("cv.zip", "x.pdf", "x.pdf", {"name_in_zip"}), (None, "x.pdf", "x.pdf", {"name_in_zip"})])
def test_a_zipped_file_is_named_by_the_message_and_else_by_its_zip(tmp_path, named, inside, name, noted):
    found, said = got(tmp_path, manifest(reference(named)), file(zipped((inside, PDF)), named))
    assert (found, said) == ([(name, PDF)], noted)


OTHERWISE = zipped(("_rels/.rels", b"<R/>"), ("word/document.xml", b"<w/>"), ("[Content_Types].xml", b"<Types/>"))
OPEN = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<o/>"), method=0)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("document", [DOCX, OTHERWISE, OPEN])
def test_a_word_file_is_no_zip_of_files(tmp_path, packed, document):
    content = zipped(("a.docx", document)) if packed else document
    assert got(tmp_path, manifest(reference("a.docx")), file(content, "a.docx"))[0] == [("a.docx", document)]


@pytest.mark.parametrize("packed", [False, True])
def test_a_word_file_that_is_cut_is_refused(tmp_path, packed):
    content = zipped(("a.docx", DOCX[:-9])) if packed else DOCX[:-9]
    with pytest.raises(Refused, match="zip_nested" if packed else "zip_damaged"):
        got(tmp_path, manifest(reference("a.docx")), file(content, "a.docx"))


def test_a_word_file_of_many_parts_is_a_file(tmp_path):
    content = zipped(("word/document.xml", b"<w/>"), ("[Content_Types].xml", b"<Types/>"),
                     *((f"word/media/{n}.png", b"x") for n in range(150)))
    assert got(tmp_path, manifest(reference("a.docx")), file(content, "a.docx"))[0] == [("a.docx", content)]


def test_a_file_without_any_name_is_given_one(tmp_path):
    found, said = got(tmp_path, "", file(PDF, None, None, "application/pdf"))
    assert (found, said) == ([("attachment-1.pdf", PDF)], {"name_missing", "content_id_missing", "manifest_missing"})


@pytest.mark.parametrize(("said", "name"), [
    ("../../etc/passwd", "passwd"), ("/etc/passwd", "passwd"), ("C:\\Users\\a\\Công văn.pdf", "Công văn.pdf"),
    ("..\\..\\x.pdf", "x.pdf"), ("C:x.pdf", "x.pdf"), ("C: D:x.abcdefgh ij", "x.abcdefgh"),
    ("a\u202efdp.exe", "afdp.exe"), ("a\tb\nc.pdf", "abc.pdf"),
    (".htaccess", "htaccess"), (" a.pdf ", "a.pdf"), ("a.pdf\xa0. \u3000", "a.pdf"), ("a\u200bb.pdf", "ab.pdf"),
    ("a" * 300 + ".pdf", "a" * 140 + ".pdf"),
    ("..", ""), ("/", ""), ("a/", ""), ("...", ""), ("\u202e", ""), ("a.pdf\x00.exe", "a.pdf.exe"),
    ("Công văn.pdf", "Công văn.pdf"), ("Số 1: a.pdf", "Số 1: a.pdf"), ("", "")])
def test_a_name_is_reduced_to_a_name(said, name):
    assert shapes.bare_name(said) == name
    assert shapes.bare_name(name) == name, "reduced once for all"


def test_a_path_in_a_name_is_reduced_and_noted_and_leads_nowhere(tmp_path):
    for said in ("../../../tmp/evil.pdf", "/etc/evil.pdf", "C:\\evil.pdf"):
        found, noted = got(tmp_path, manifest(reference(said)), file(PDF, said))
        assert (found, noted) == ([("evil.pdf", PDF)], {"name_tidied"})
        for each in tmp_path.iterdir():
            assert each.name.startswith("edxml-")
            each.unlink()


def test_files_of_one_name_are_both_kept(tmp_path):
    found, _said = got(tmp_path, "", file(PDF, "a.pdf", "1") + file(PDF + b"2", "a.pdf", "2"))
    assert found == [("a.pdf", PDF), ("a.pdf", PDF + b"2")]


def test_a_zip_as_java_streams_it_is_read(tmp_path):
    """With the sizes behind the file, as the sample's senders make it: ZipOutputStream knows them only then."""
    content = streamed("cv.pdf", PDF)
    assert content[6] & 8
    assert got(tmp_path, NAMED, file(content))[0] == [("a.pdf", PDF)]


def streamed(name, content):
    class Pipe(BytesIO):
        def seekable(self):
            return False

        def seek(self, *_where):
            raise OSError

        def tell(self):
            raise OSError

    out = Pipe()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return out.getvalue()


def test_the_samples_zip_is_one_of_those_that_are_read(tmp_path):
    content = changed(A, ("cv.pdf", "công văn.pdf"))
    assert understood(content, tmp_path).attachments[0].name == "công văn.pdf"
    assert "ContentTransferEncoded" in between(A, "<edXML:AttachmentEncoded>", "</edXML:AttachmentEncoded>")
