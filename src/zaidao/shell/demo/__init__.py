"""The demo world: an invented group that lives in the current month, brought in by the acts of the pages, with persons to enter as.

`moving` (dates), `workbook` (the sample's ledgers as of today), `persons` (whom visitors enter as), `events` (what is under way),
`answers` (what became of its findings), `world` (stage after stage, by the worker). Nothing here runs without `settings.DEMO`, or in a
database that began otherwise.
"""
