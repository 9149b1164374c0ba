"""Forms generated from the field registry: a control for each field spec, and values back from the controls.

A form has a name (`form`), and each control the id `{"form": form, "field": field name}`, so that one callback reads
the whole form by pattern::

    rows = [field_row("hub", spec, raw_of(spec, values[spec.name]), looks[spec.name]) for spec in specs]

    @app.callback(Output("hub-looks", "data"), Input({"form": "hub", "field": ALL}, "value"), State({"form": "hub", "field": ALL}, "id"))
    def judge(raw, ids):
        judged = judge_config(model_type, saved_values, by_field(ids, raw), facts)
        return looks_to_json("hub", looks_of(specs, judged, baseline=saved_values))

    connect(app, "hub-looks")    # the browser applies the looks: no component is drawn again

What a field looks like (shown, its error, what it was before) travels as one small mapping and is applied in the
browser by `assets/forms.js`; so a change in a form of a hundred fields costs one small answer. Jump to a field with
an error from anywhere: give an element the attribute `data-jump='<form>/<field path>'`.

Fields of sub-configs are named by path (`encoder.width`) and stand in groups of their own. A value with entries (a list of
tagged configs, a config that may be absent) has a control for each plain field
of its entries (`entries.py`), which hold it as JSON text, with a message for each entry that is wrong, unless its
field brings a control: `field(..., control="package.module:make")`, where `make(form, spec, raw)` returns a component
whose part with the id `control_id(form, spec.name)` holds the value's JSON text in its property `value`.
"""

from dashboard.forms.connect import connect
from dashboard.forms.controls import control_id
from dashboard.forms.judge import Judged, judge_config, judge_sample, settle
from dashboard.forms.looks import Look, first_error, looks_of, looks_to_json
from dashboard.forms.raw import Reading, by_field, raw_of, read
from dashboard.forms.rows import advanced_group, field_row, field_rows, section_groups

__all__ = [
    "Judged", "Look", "Reading", "advanced_group", "by_field", "connect", "control_id", "field_row", "field_rows", "first_error",
    "judge_config", "judge_sample", "looks_of", "looks_to_json", "raw_of", "read", "section_groups", "settle",
]  # fmt: skip
