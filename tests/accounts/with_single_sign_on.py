"""The addresses of an office that has single sign-on."""

from zaidao.accounts.sign_in_urls import SINGLE_SIGN_ON
from zaidao.config.urls import *  # noqa: F403
from zaidao.config.urls import urlpatterns as those

urlpatterns = [*SINGLE_SIGN_ON, *those]
