"""The six persons whom visitors of the demonstration may enter as, and how they come to have accounts."""

from dataclasses import dataclass

from zaidao.accounts import demo

ADMINISTRATOR = ("SL-0001", "沈知远")  # who set the demonstration up; nobody enters as them


@dataclass(frozen=True)
class Role:
    """`work_no` is the code on the roster of the sample, where somebody is on it."""

    label: str
    sees: str
    work_no: str


SECRETARY = Role("支部书记", "冷链公司修理厂党支部:等本支部办的事、名册、转接、换届和交接,以及先由本支部查看和回应的诊断提示。", "P000083")
SIBLING = Role("邻近支部的书记", "冷链公司仓库党支部:同一总支的另一个支部,看得到自己的支部,看不到修理厂党支部的名册和提示。", "P000228")
OFFICE = Role("集团党委党务干事", "全集团的组织、人员、岗位,台账导入导出,发起全组织诊断,也可以上传一份台账单独诊断。", "P000004")
SUPERIOR = Role("集团党委书记(上级)", "全集团;各支部的单条提示在本支部回应之前只看到合计。", "P000005")
MEMBER = Role("普通党员", "修理厂党支部的一名党员:系统里记着自己的哪些内容、谁看过,可以请求更正。", "P000074")
STRANGER = Role("没有岗位、不在名册的人", "刚入职的同志:只有自己的账号,以及该找谁登记的说明。", "SL-0002")
STRANGER_NAME = "苗知新"
ROLES = (SECRETARY, SIBLING, OFFICE, SUPERIOR, MEMBER, STRANGER)


def offer() -> None:
    """Offer them on the sign-in page; whoever has no account yet is not shown."""
    for role in ROLES:
        demo.offer(role.label, role.sees, role.work_no)
