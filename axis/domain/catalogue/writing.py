"""Words of the strict writer and of reading attachments back."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy


def _mend(vi: str, en: str, do_vi: str, do_en: str) -> Entry:
    return Entry(Remedy.MEND, vi, en, do_vi, do_en)


_WRITER: dict[str, Entry] = {
    "writer.missing": _mend(
        "Thiếu trường bắt buộc {path} nên không thể lập gói tin.",
        "The required field {path} is missing, so no package can be written.",
        "Hãy điền trường này rồi lập lại.",
        "Fill it in and write again.",
    ),
    "writer.character": _mend(
        "Trường {path} có ký tự {character} mà XML không cho phép.",
        "The field {path} holds the character {character}, which XML does not allow.",
        "Hãy xóa ký tự này (thường do dán từ tệp khác).",
        "Remove it (it usually comes from pasting out of another file).",
    ),
    "writer.document-id": _mend(
        "DocumentId “{value}” không đúng dạng “mã cơ quan,yyyy/MM/dd,số/ký hiệu”, hoặc một phần của nó có "
        "dấu phẩy.",
        "The DocumentId “{value}” is not of the form “OrganId,yyyy/MM/dd,Number/Notation”, "
        "or one of its parts holds a comma.",
        "Bỏ dấu phẩy trong mã cơ quan, số và ký hiệu; hoặc để trống DocumentId để hệ thống tự lập.",
        "Take commas out of the agency code, the number and the notation, or leave DocumentId empty to "
        "have it built.",
    ),
    "writer.date": _mend(
        "Trường {path} có giá trị “{value}” không phải là ngày.",
        "The field {path} holds “{value}”, which is no date.",
        "Ghi ngày theo dạng yyyy/MM/dd, ví dụ 2019/09/30.",
        "Write the date as yyyy/MM/dd, for example 2019/09/30.",
    ),
    "writer.time": _mend(
        "Trường {path} có giá trị “{value}” không phải là thời điểm.",
        "The field {path} holds “{value}”, which is no time.",
        "Ghi theo dạng yyyy/MM/dd HH:mm:ss, giờ Việt Nam.",
        "Write it as yyyy/MM/dd HH:mm:ss, Vietnam time.",
    ),
    "writer.duplicate-receiver": _mend(
        "Nơi nhận {organ} xuất hiện nhiều lần.",
        "The receiver {organ} is named more than once.",
        "Chỉ ghi mỗi nơi nhận một lần.",
        "Name each receiver once.",
    ),
    "writer.attachment-missing": _mend(
        "Văn bản mới phải có ít nhất một tệp đính kèm.",
        "A new document needs at least one attachment.",
        "Đính kèm tệp văn bản đã ký số rồi lập lại.",
        "Attach the signed document and write again.",
    ),
    "writer.attachment-empty": _mend(
        "Tệp đính kèm “{name}” rỗng.",
        "The attachment “{name}” is empty.",
        "Kiểm tra tệp gốc và đính kèm lại.",
        "Check the source file and attach it again.",
    ),
    "writer.attachment-name": _mend(
        "Tên tệp đính kèm “{name}” không có phần mở rộng, hoặc có dấu gạch chéo hay ký tự điều khiển.",
        "The attachment name “{name}” has no extension, or holds a slash or a control character.",
        "Đặt tên tệp có phần mở rộng, ví dụ cong-van.pdf.",
        "Give the file a name with an extension, for example cong-van.pdf.",
    ),
    "writer.attachment-large": _mend(
        "Tệp đính kèm “{name}” lớn hơn {limit} byte.",
        "The attachment “{name}” is larger than {limit} bytes.",
        "Chia nhỏ tệp hoặc gửi bằng đường khác.",
        "Split the file or send it another way.",
    ),
    "writer.status-code": _mend(
        "Mã trạng thái “{value}” không gồm đúng hai chữ số.",
        "The status code “{value}” is not two digits.",
        "Dùng một trong các mã 01–06, 13, 15, 16.",
        "Use one of the codes 01–06, 13, 15, 16.",
    ),
    "writer.reason": _mend(
        "Trạng thái {status} phải có lý do, không quá {limit} ký tự; lý do này dài {length}.",
        "Status {status} needs a reason of at most {limit} characters; this one has {length}.",
        "Ghi rõ lý do trả lại văn bản hoặc từ chối.",
        "State why the document is returned or the request denied.",
    ),
    "writer.kind": _mend(
        "Gói tin này không phải loại {expected}.",
        "This package is not a {expected} package.",
        "Dùng hàm ghi đúng với loại gói tin.",
        "Use the writer made for that kind.",
    ),
}

_ATTACHMENT: dict[str, Entry] = {
    "attachment.base64": _mend(
        "Nội dung tệp đính kèm “{name}” không phải base64 hợp lệ (tại ký tự thứ {position}).",
        "The content of the attachment “{name}” is not valid base64 (at character {position}).",
        "Mã hóa lại tệp bằng base64 chuẩn, không chèn ký tự lạ.",
        "Encode the file again in standard base64 without foreign characters.",
    ),
    "attachment.base64-lenient": _mend(
        "Nội dung tệp đính kèm “{name}” có ký tự không thuộc base64; chúng đã được bỏ qua khi đọc.",
        "The content of the attachment “{name}” holds characters that are not base64; they were skipped.",
        "Đề nghị bên gửi kiểm tra cách mã hóa tệp.",
        "Ask the sender to check how files are encoded.",
    ),
    "attachment.not-in-place": _mend(
        "Không đọc được tệp đính kèm “{name}” tại chỗ vì gói tin không dùng bảng mã UTF-8.",
        "The attachment “{name}” cannot be read in place because the package is not in UTF-8.",
        "Gửi lại gói tin bằng UTF-8.",
        "Send the package again in UTF-8.",
    ),
    "attachment.too-large": _mend(
        "Tệp đính kèm “{name}” sau khi giải mã lớn hơn giới hạn {limit} byte.",
        "The attachment “{name}” decodes to more than the limit of {limit} bytes.",
        "Chia nhỏ tệp rồi gửi lại.",
        "Split the file and send it again.",
    ),
    "attachment.bomb": _mend(
        "Tệp nén “{name}” phình to quá mức cho phép ({limit} byte) khi giải nén nên bị dừng lại.",
        "The archive “{name}” swells beyond what is allowed ({limit} bytes), so unpacking was stopped.",
        "Gửi tệp gốc không nén, hoặc chia nhỏ tệp.",
        "Send the file uncompressed, or split it.",
    ),
    "attachment.zip-broken": _mend(
        "Tệp nén “{name}” bị hỏng; nội dung được giữ nguyên như khi nhận.",
        "The archive “{name}” is broken; the content is kept as received.",
        "Đề nghị bên gửi đóng gói lại tệp.",
        "Ask the sender to pack the file again.",
    ),
}

ENTRIES: dict[str, Entry] = {**_WRITER, **_ATTACHMENT}
