"""Refusals and warnings of a document's life: reasons, recall, update, sending again, paper."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_MEND = Remedy.MEND

ENTRIES: dict[str, Entry] = {
    "status.reason-missing": Entry(
        _MEND,
        "Trạng thái {target} phải kèm lý do (QĐ 28/2018 Điều 5.4).",
        "Status {target} needs a reason (Decision 28/2018 Art. 5.4).",
        "Ghi lý do vào Description, tối đa 1.000 ký tự, rồi gửi lại.",
        "Put the reason into Description, at most 1,000 characters, and send again.",
    ),
    "status.reason-long": Entry(
        _MEND,
        "Lý do của trạng thái {target} dài {length} ký tự, giới hạn là {limit}.",
        "The reason of status {target} has {length} characters; the limit is {limit}.",
        "Rút gọn Description rồi gửi lại.",
        "Shorten Description and send again.",
    ),
    "status.recall-not-deniable": Entry(
        _MEND,
        "Văn bản {document_id} đã bị bên gửi thu hồi: bên nhận phải huỷ và báo lại, không được từ chối hay trả lại (QĐ 28/2018 Điều 9.2).",
        "Document {document_id} was recalled by its sender: the receiver must cancel it and say so, and may not deny or return it (Decision 28/2018 Art. 9.2).",
        "Huỷ văn bản đến rồi gửi trạng thái 15.",
        "Cancel the incoming document and send status 15.",
    ),
    "status.not-a-receiver": Entry(
        _MEND,
        "Đơn vị {by} không phải nơi nhận của văn bản {document_id}: chỉ nơi nhận được báo trạng thái {target}.",
        "Unit {by} is not among the receivers of document {document_id}: only a receiver may report status {target}.",
        "Ghi mã của đúng nơi nhận vào From rồi gửi lại.",
        "Put the code of the receiver itself into From and send again.",
    ),
    "document.ambiguous": Entry(
        _MEND,
        "Số, ký hiệu {code} của {sender} chỉ nhiều văn bản khác nhau. Trục không tự chọn: chưa làm gì.",
        "Number and notation {code} of {sender} mean more than one document. The axis does not choose: nothing was done.",
        "Ghi DocumentId, hoặc đúng PromulgationDate, của văn bản rồi gửi lại.",
        "Give the DocumentId, or the right PromulgationDate, of the document and send again.",
    ),
    "recall.unknown-document": Entry(
        _MEND,
        "Gói thu hồi nêu văn bản mà trục không thấy đơn vị đã gửi: {documents}. Không có gì bị thu hồi.",
        "The recall names documents this unit never sent through the axis: {documents}. Nothing was recalled.",
        "Kiểm tra ResponseFor (DocumentId hoặc Code) của gói thu hồi rồi ký và gửi lại.",
        "Check ResponseFor (DocumentId or Code) of the recall, sign and send again.",
    ),
    "recall.already": Entry(
        _MEND,
        "Văn bản {documents} đã được thu hồi hoặc đã được trả lại bởi mọi nơi nhận được nêu.",
        "Document {documents} was recalled from, or given back by, every receiver named.",
        "Không cần làm gì thêm; xem trạng thái từng nơi nhận trong danh sách đã gửi.",
        "Nothing more to do; the sent list shows how each receiver stands.",
    ),
    "recall.never-had": Entry(
        _MEND,
        "Văn bản {documents} chưa từng được gửi cho {receivers}: không có gì để thu hồi ở đó, và chưa nơi nào bị thu hồi.",
        "Document {documents} was never sent to {receivers}: there is nothing to recall there, and nothing was recalled anywhere.",
        "Bỏ các nơi nhận đó khỏi gói thu hồi rồi ký và gửi lại.",
        "Leave these receivers out of the recall, sign and send again.",
    ),
    "recall.reason-long": Entry(
        _MEND,
        "Lý do thu hồi dài {length} ký tự, giới hạn là {limit}. Chưa nơi nào bị thu hồi.",
        "The reason of the recall has {length} characters; the limit is {limit}. Nothing was recalled.",
        "Rút gọn BussinessDocReason rồi ký và gửi lại.",
        "Shorten BussinessDocReason, sign and send again.",
    ),
    "update.unknown-document": Entry(
        _MEND,
        "Gói cập nhật nêu văn bản mà trục không thấy đơn vị đã gửi: {documents}.",
        "The update names documents this unit never sent through the axis: {documents}.",
        "Kiểm tra Bussiness/DocumentId của gói cập nhật rồi ký và gửi lại.",
        "Check Bussiness/DocumentId of the update, sign and send again.",
    ),
    "update.frozen": Entry(
        _MEND,
        "Văn bản {documents} đã thu hồi hoặc đã được trả lại ở {units}: không cập nhật được nữa.",
        "Document {documents} was recalled from, or given back by, {units}: it can no longer be updated.",
        "Gửi văn bản thay thế (3) hoặc bỏ các đơn vị đó khỏi nơi nhận.",
        "Send a replacement (3), or leave these units out of the receivers.",
    ),
    "desk.reason-missing": Entry(
        _MEND,
        "Việc này phải kèm lý do.",
        "This needs a reason.",
        "Ghi lý do, tối đa {limit} ký tự, rồi làm lại.",
        "Give a reason of at most {limit} characters and try again.",
    ),
    "desk.sent-again": Entry(
        _MEND,
        "Văn bản {document_id} đã được gửi lại bằng một gói mới, và mã văn bản nay chỉ gói mới ấy: trục chưa làm gì.",
        "Document {document_id} was sent again since as another package, which its DocumentId now means: nothing was done.",
        "Mở bản mới (mục “Văn bản liên quan”) và làm việc với bản ấy.",
        "Open the newer one (under “Related documents”) and act on that.",
    ),
    "delivery.not-resendable": Entry(
        _MEND,
        "Lượt gửi {id} đang ở {state}/{handling}: chỉ lượt bị trả lại (02), chưa thu hồi và chưa gửi lại, mới gửi lại được.",
        "Delivery {id} is {state}/{handling}: only one that was returned (02), not recalled and not sent again yet, can be sent again.",
        "Xem lượt gửi mới nhất bằng `axis package show`.",
        "See the newest delivery with `axis package show`.",
    ),
    "paper.missing": Entry(
        _MEND,
        "Văn bản ghi không kèm bản giấy (Paper = 0) nhưng '{why}' thuộc danh mục gửi kèm bản giấy.",
        "The document says it is not accompanied by paper (Paper = 0), but '{why}' is in the list of what must be.",
        "Gửi bản giấy kèm theo, hoặc đề nghị người vận hành sửa danh mục [paper].",
        "Send the paper as well, or ask the operators to correct the list [paper].",
    ),
    "paper.needless": Entry(
        _MEND,
        "Văn bản ghi có kèm bản giấy (Paper = 1) nhưng không thuộc danh mục gửi kèm bản giấy (QĐ 28/2018 Điều 5.3).",
        "The document says it is accompanied by paper (Paper = 1), but it is not in the list of what must be (Decision 28/2018 Art. 5.3).",
        "Không gửi bản giấy; ghi Paper = 0.",
        "Send no paper; say Paper = 0.",
    ),
}  # fmt: skip
