"""What audit rows about accounts are called where they are told."""

from zaidao.core import history
from zaidao.core.plans import PlanRow

history.words("accounts.user", "账号", duty="管理职责", code="码", factor="第二重验证", factors="第二重验证", address="来源地址")
history.words("accounts.user", password="密码")  # noqa: S106
history.words("accounts.user", exported="导出条数", wanted="导出范围")
history.words("core.check", "审计核对")
history.words("core.keymark", "密钥", name="密钥")
history.words("core.holiday", "节假日")
history.words("core.plan", "台账导入", state="状态", rows="各表行数", outcomes="结果", undone="撤销的结果")
history.values("core.plan", "outcomes", dict(PlanRow.Outcome.choices))
history.values("core.plan", "undone", dict(PlanRow.Outcome.choices))
history.values("core.plan", "rows", dict(PlanRow.State.choices) | {"organisation": "组织", "person": "人员", "appointment": "任职"})
history.words("accounts.delegation", "委托代办", taker="受托人", since="起", until="止", ended="已结束")
history.words("accounts.suggestion", "投诉建议", due_on="答复期限", answer="答复")
