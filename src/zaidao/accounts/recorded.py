"""What audit rows about accounts are called where they are told."""

from zaidao.core import history

history.words("accounts.user", "账号", duty="管理职责", code="码", factor="第二重验证", factors="第二重验证", address="来源地址")
history.words("accounts.user", password="密码")  # noqa: S106
history.words("accounts.user", exported="导出条数", wanted="导出范围")
history.words("core.check", "审计核对")
history.words("core.keymark", "密钥", name="密钥")
history.words("accounts.delegation", "委托代办", taker="受托人", since="起", until="止", ended="已结束")
history.words("accounts.suggestion", "投诉建议", due_on="答复期限", answer="答复")
