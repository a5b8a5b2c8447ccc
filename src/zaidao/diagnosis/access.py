"""Who may do what. Until sign-in exists the server answers this machine only, and whoever sits at it may do everything."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from zaidao.diagnosis.models import Answer, Run, Upload


def get_run(pk: int) -> Run:
    """A run whose results are published. Raises Http404 otherwise."""
    run = get_object_or_404(Run.objects.select_related("upload", "job"), pk=pk)
    if not run.done:
        raise Http404("这次诊断还没有结果")
    return run


def get_upload(pk: int) -> Upload:
    return get_object_or_404(Upload.objects.select_related("job"), pk=pk)


def get_answer(pk: int) -> Answer:
    return get_object_or_404(Answer, pk=pk)
