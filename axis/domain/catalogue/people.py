"""Words of signing in and of accounts. A refused sign-in has one text, whatever was wrong."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_AGAIN_VI = "Mở lại trang đăng nhập và thử lại."
_AGAIN_EN = "Open the sign-in page again and retry."
_LINK_VI = "Đề nghị người quản trị cấp đường dẫn mới."
_LINK_EN = "Ask an administrator for a new link."

ENTRIES: dict[str, Entry] = {
    "people.wrong": Entry(
        Remedy.MEND,
        "Tên đăng nhập hoặc mật khẩu không đúng, hoặc tài khoản chưa được mở.",
        "Wrong login or password, or the account is not open.",
        "Nhập lại. Nếu quên mật khẩu, đề nghị người quản trị cấp đường dẫn đặt lại.",
        "Enter them again. If the password is lost, ask an administrator for a link to set a new one.",
    ),
    "people.wrong-code": Entry(
        Remedy.MEND,
        "Mã xác thực không đúng hoặc đã dùng rồi.",
        "The code is wrong, or was used already.",
        "Chờ ứng dụng hiện mã mới rồi nhập lại; kiểm tra giờ của điện thoại.",
        "Wait for the next code and enter that; check the clock of the phone.",
    ),
    "people.blocked": Entry(
        Remedy.RETRY,
        "Đã thử sai quá nhiều lần; tạm chặn thêm {minutes} phút.",
        "Too many tries failed; blocked for {minutes} more minutes.",
        "Chờ hết thời gian chặn rồi thử lại.",
        "Wait that long, then try again.",
    ),
    "people.step-over": Entry(
        Remedy.MEND,
        "Bước đăng nhập này đã hết hạn hoặc đã làm xong ở nơi khác.",
        "This step of signing in has expired, or was finished elsewhere.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "people.link-dead": Entry(
        Remedy.MEND,
        "Đường dẫn này không dùng được: sai, đã dùng hoặc đã hết hạn.",
        "This link does not work: it is wrong, was used, or has expired.",
        _LINK_VI,
        _LINK_EN,
    ),
    "people.form-old": Entry(
        Remedy.MEND,
        "Biểu mẫu đã cũ (phiên đã đổi) hoặc không được gửi từ trang này: việc vừa rồi CHƯA được làm.",
        "The form is old (the session has changed), or was not sent from this page: what you just did was NOT done.",
        "Mở lại trang rồi gửi lại; trình duyệt phải cho phép cookie, và địa chỉ phải bắt đầu bằng https.",
        "Open the page again and send it anew; the browser must accept cookies, and the address must begin with https.",
    ),
    "people.password-short": Entry(
        Remedy.MEND,
        "Mật khẩu quá ngắn.",
        "The password is too short.",
        "Dùng ít nhất 12 ký tự; một câu dễ nhớ là tốt nhất.",
        "Use at least 12 characters; a sentence that is easy to remember is best.",
    ),
    "people.password-long": Entry(
        Remedy.MEND,
        "Mật khẩu quá dài.",
        "The password is too long.",
        "Dùng nhiều nhất 256 ký tự.",
        "Use at most 256 characters.",
    ),
    "people.password-common": Entry(
        Remedy.MEND,
        "Mật khẩu này nằm trong số những mật khẩu bị đoán đầu tiên.",
        "This password is among those that are guessed first.",
        "Chọn một câu riêng của mình, không lặp lại và không bắt đầu hay kết thúc bằng dấu cách.",
        "Choose a sentence of your own, without repetition, and without a space at its beginning or end.",
    ),
    "people.password-login": Entry(
        Remedy.MEND,
        "Mật khẩu gần giống tên đăng nhập.",
        "The password is nearly the login.",
        "Chọn mật khẩu không chứa tên đăng nhập.",
        "Choose one that does not hold the login.",
    ),
    "people.password-repeat": Entry(
        Remedy.MEND,
        "Hai lần nhập mật khẩu không giống nhau.",
        "The two entries of the password differ.",
        "Nhập lại cả hai.",
        "Enter both again.",
    ),
    "people.bad-login": Entry(
        Remedy.MEND,
        "Tên đăng nhập không hợp lệ: {login}.",
        "This is not a login: {login}.",
        "Dùng 2 đến 64 chữ thường, chữ số và các dấu . _ - + @, bắt đầu bằng chữ hoặc số.",
        "Use 2 to 64 lower-case letters, digits and . _ - + @, beginning with a letter or digit.",
    ),
    "people.no-name": Entry(
        Remedy.MEND, "Chưa có họ tên.", "The name is missing.", "Nhập họ và tên.", "Enter the full name."
    ),
    "people.unit-needed": Entry(
        Remedy.MEND,
        "Vai trò {role} phải thuộc một đơn vị.",
        "The role {role} belongs to a unit.",
        "Chọn đơn vị.",
        "Choose the unit.",
    ),
    "people.unit-not": Entry(
        Remedy.MEND,
        "Vai trò {role} không thuộc đơn vị nào.",
        "The role {role} belongs to no unit.",
        "Bỏ đơn vị, hoặc chọn vai trò khác.",
        "Leave the unit out, or choose another role.",
    ),
    "people.login-taken": Entry(
        Remedy.MEND,
        "Tên đăng nhập {login} đã có người dùng.",
        "The login {login} is taken.",
        "Chọn tên khác, hoặc cấp lại quyền đăng nhập cho tài khoản đang có.",
        "Choose another one, or make a new link for the account there is.",
    ),
    "people.unknown": Entry(
        Remedy.MEND,
        "Không có người dùng {login}.",
        "There is no person {login}.",
        "Xem danh sách người dùng.",
        "See the list of people.",
    ),
    "people.no-change": Entry(
        Remedy.MEND, "Không có gì để đổi.", "Nothing to change.", "Nêu ít nhất một giá trị mới.", "Give a new value."
    ),
    "people.disabled": Entry(
        Remedy.MEND,
        "Tài khoản {login} đang bị khoá.",
        "The account {login} is disabled.",
        "Mở khoá trước.",
        "Enable it first.",
    ),
    "people.oneself": Entry(
        Remedy.MEND,
        "Không ai tự khoá, tự đặt lại hay tự đổi vai trò của mình.",
        "Nobody disables or resets themselves or changes their own role.",
        "Đề nghị quản trị khác của đơn vị hoặc người vận hành khác làm việc này.",
        "Ask another administrator of the unit, or another operator.",
    ),
    "people.last-operator": Entry(
        Remedy.MEND,
        "Đây là người vận hành cuối cùng còn đăng nhập được.",
        "This is the last operator who can sign in.",
        "Mời một người vận hành khác, chờ người đó nhận lời, rồi làm lại.",
        "Invite another operator, wait until they have joined, then do it again.",
    ),
    "people.not-first": Entry(
        Remedy.MEND,
        "Trục đã có người vận hành; đường dẫn lần đầu không còn cần nữa.",
        "The axis has an operator already; the link of the first run is not needed any more.",
        "Dùng `axis person invite` hoặc `axis person reset`.",
        "Use `axis person invite` or `axis person reset`.",
    ),
    "people.link-taken": Entry(
        Remedy.MEND,
        "Tài khoản đăng nhập một lần này, hoặc người dùng này, đã được gắn từ trước.",
        "This sign-on account, or this person, is linked already.",
        "Xem `axis person show`; gỡ liên kết cũ trước.",
        "See `axis person show`; remove the old link first.",
    ),
    "people.sign-on-off": Entry(
        Remedy.OPERATOR,
        "Đăng nhập một lần chưa được cấu hình.",
        "Sign-on through a provider is not configured.",
        "Đặt các mục oidc_* trong phần [console] của tệp cấu hình.",
        "Set oidc_* in the section [console] of the configuration.",
    ),
    "people.sign-on-refused": Entry(
        Remedy.MEND,
        "Không đăng nhập một lần được: câu trả lời của nhà cung cấp không hợp lệ hoặc đã cũ.",
        "Sign-on failed: the provider's answer is not valid, or old.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "people.sign-on-unknown": Entry(
        Remedy.OPERATOR,
        "Tài khoản đăng nhập một lần này chưa gắn với người dùng nào của trục.",
        "This sign-on account is not linked to a person of the axis.",
        "Đề nghị người vận hành gắn tài khoản.",
        "Ask an operator to link it.",
    ),
    "people.sign-on-away": Entry(
        Remedy.RETRY,
        "Nhà cung cấp đăng nhập một lần không trả lời.",
        "The sign-on provider does not answer.",
        "Thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu.",
        "Try again in some minutes, or sign in with a password.",
    ),
}
