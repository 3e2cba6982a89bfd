"""Words of the demo, when the machine does not let it run."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

ENTRIES: dict[str, Entry] = {
    "demo.program-died": Entry(
        Remedy.OPERATOR,
        "Chương trình “{name}” của bản trình diễn đã tự dừng (mã {exit}). Những dòng cuối nó ghi:\n{log}\n",
        "The demo's program '{name}' ended by itself (code {exit}). The last lines it wrote:\n{log}\n",
        "Hãy khắc phục nguyên nhân nêu trên rồi chạy lại axis demo.",
        "Mend what is said above and run axis demo again.",
    ),
    "demo.not-ready": Entry(
        Remedy.OPERATOR,
        "Chương trình “{name}” không sẵn sàng sau {seconds} giây. Những dòng cuối nó ghi:\n{log}\n",
        "The program '{name}' was not ready after {seconds} seconds. The last lines it wrote:\n{log}\n",
        "Hãy kiểm tra máy có quá tải hoặc hết dung lượng đĩa không, rồi chạy lại axis demo.",
        "Check that the machine is not overloaded or its disk full, and run axis demo again.",
    ),
    "demo.command-failed": Entry(
        Remedy.OPERATOR,
        "Lệnh “{command}” kết thúc với mã {exit}: {log}\n",
        "The command '{command}' ended with code {exit}: {log}\n",
        "Hãy khắc phục nguyên nhân nêu trên rồi chạy lại axis demo.",
        "Mend what is said above and run axis demo again.",
    ),
    "demo.data-not-empty": Entry(
        Remedy.OPERATOR,
        "Thư mục dữ liệu {path} đã có nội dung; bản trình diễn không ghi đè lên dữ liệu có sẵn.",
        "The data folder {path} is not empty; the demo does not write over what is there.",
        "Hãy chọn một thư mục trống, hoặc bỏ --data để dùng thư mục tạm.",
        "Choose an empty folder, or leave out --data to use a temporary one.",
    ),
}
