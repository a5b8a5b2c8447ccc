"""What the tree adds to every page: menu entries, and the names of places and fields in histories."""

from zaidao.core import access as core_access
from zaidao.core import history, menu, panels
from zaidao.organisations import access
from zaidao.organisations.models import Organisation
from zaidao.organisations.queries import kin, places

menu.item("组织树", "organisations:tree", verb=access.VIEW, order=10)
menu.item("最上级组织", "organisations:top", verb=access.TOP, order=20, section="system")
panels.found_by("organisation", lambda user, pk: core_access.get_for(user, access.VIEW, Organisation, pk))
history.places(lambda paths: kin.paths(set(paths)))
history.finder(places.called)
history.words(
    "organisations.organisation", "组织", parent="上级组织", merged_into="并入", merged="并入的组织", successor="承接组织",
    split_into="分设为", split_from="分设自",
)
