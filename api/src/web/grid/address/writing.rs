//! From what is wanted to the shortest address that asks for it.

use projections::register::Choice;
use time::{Date, macros::format_description};
use url::form_urlencoded::Serializer;

use super::{
    super::filter::{Days, Field, Text, TextOp, Use, grant_key, is_none_of, status_key, values},
    Place, Sort, USUAL_SIZE, View, Wanted,
};

impl Wanted {
    /// The query, without its mark; empty when nothing is asked for.
    pub(in crate::web) fn query(&self) -> String {
        let mut writer = Writer(Serializer::new(String::new()));
        self.write_selection(&mut writer);
        if self.size != USUAL_SIZE {
            writer.put("size", &self.size.to_string());
        }
        match self.view {
            View::Unsaid => {}
            View::Nothing => writer.put("view", "none"),
            View::Saved(id) => writer.put("view", &id.to_string()),
        }
        match &self.place {
            Place::Start => {}
            Place::After(cursor) => writer.put("after", cursor),
            Place::Before(cursor) => writer.put("before", cursor),
        }
        writer.0.finish()
    }

    /// What a saved view keeps: filters, sorting and columns.
    pub(in crate::web::grid) fn selection(&self) -> String {
        let mut writer = Writer(Serializer::new(String::new()));
        self.write_selection(&mut writer);
        writer.0.finish()
    }

    fn write_selection(&self, writer: &mut Writer) {
        self.write_filters(writer);
        if self.sort != Sort::default() {
            writer.put("sort", &self.sort.text());
        }
        if let Some(columns) = &self.columns {
            let keys: Vec<_> = columns.iter().map(|column| column.key()).collect();
            writer.put("columns", &keys.join(","));
        }
    }

    fn write_filters(&self, writer: &mut Writer) {
        let filters = &self.filters;
        writer.text(Field::Name, filters.name.as_ref());
        writer.text(Field::ClientId, filters.client_id.as_ref());
        writer.choice(Field::Organization, filters.organization.as_ref(), ToString::to_string);
        writer.text(Field::OrganizationName, filters.organization_name.as_ref());
        writer.choice(Field::Owner, filters.owner.as_ref(), ToString::to_string);
        writer.text(Field::OwnerName, filters.owner_name.as_ref());
        writer.choice(Field::Status, filters.status.as_ref(), |it| status_key(*it).to_owned());
        writer.choice(Field::Grant, filters.grant.as_ref(), |it| grant_key(*it).to_owned());
        writer.choice(Field::Scope, filters.scope.as_ref(), ToString::to_string);
        writer.when(Field::Created, filters.created.map(Use::At));
        writer.when(Field::LastUsed, filters.last_used);
    }
}

struct Writer(Serializer<'static, String>);

impl Writer {
    fn put(&mut self, name: &str, value: &str) {
        self.0.append_pair(name, value);
    }

    fn part(&mut self, field: Field, part: &str, value: &str) {
        self.put(&format!("{}_{part}", field.key()), value);
    }

    fn text(&mut self, field: Field, text: Option<&Text>) {
        let Some(Text { op, values }) = text else { return };
        if !values.is_empty() {
            self.put(field.key(), &values.join(","));
        }
        // Of client ids several are always any of them.
        let said = field == Field::ClientId && values.len() > 1 && *op == TextOp::AnyOf;
        if *op != TextOp::default() && !said {
            self.part(field, "op", op.key());
        }
    }

    fn choice<T>(&mut self, field: Field, choice: Option<&Choice<T>>, key: fn(&T) -> String) {
        let Some(choice) = choice else { return };
        for value in values(choice) {
            self.put(field.key(), &key(value));
        }
        if is_none_of(choice) {
            self.part(field, "op", TextOp::NoneOf.key());
        }
    }

    fn when(&mut self, field: Field, when: Option<Use>) {
        let Some(when) = when else { return };
        self.part(field, "op", when.op().key());
        match when {
            Use::At(Days::Between(from, to) | Days::NotBetween(from, to)) => {
                self.part(field, "from", &written(from));
                self.part(field, "to", &written(to));
            }
            Use::At(Days::Before(day)) => self.part(field, "to", &written(day)),
            Use::At(Days::After(day) | Days::On(day) | Days::NotOn(day)) => {
                self.part(field, "from", &written(day));
            }
            Use::At(Days::Last(days)) | Use::NotFor(days) => {
                self.part(field, "days", &days.to_string());
            }
            Use::At(Days::Today | Days::ThisMonth) | Use::Never | Use::Ever => {}
        }
    }
}

/// As an input for days has it.
pub(in crate::web::grid) fn written(day: Date) -> String {
    // A format of numbers alone does not fail.
    day.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}
