"""Every defect that is planted: (id of the row that owns it, what it is, the defect)."""

from tests.check.defects import lists, records, requests, self_description, strangers

PLANTED = (
    *requests.PLANTED,
    *self_description.PLANTED,
    *lists.PLANTED,
    *records.PLANTED,
    *strangers.PLANTED,
)
