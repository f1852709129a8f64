//! A letter as it is written once per language. Its text and its HTML are both made from it, so they say the same.

/// What a letter says. Variables stand between `{{` and `}}`; what stands between two `**` is set in bold.
#[derive(Debug)]
pub struct Letter {
    pub subject: &'static str,
    pub blocks: &'static [Block],
}

/// Whatever follows another, from top to bottom. Greeting and site are added by themselves.
#[derive(Debug)]
pub enum Block {
    Paragraph(&'static str),
    /// What is to be done if something is wrong, set apart.
    Note(&'static str),
    Facts(&'static [Fact]),
    /// A link that stands out. `link` is the name of a variable.
    Button {
        label: &'static str,
        link: &'static str,
    },
}

/// A line of a table: what it is, and the name of the variable that holds it.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub(crate) label: &'static str,
    pub(crate) variable: &'static str,
    pub(crate) style: Style,
    /// Left out where the variable says nothing.
    pub(crate) optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    /// For what is compared letter by letter.
    Code,
}

impl Fact {
    pub(crate) const fn new(label: &'static str, variable: &'static str) -> Self {
        Self { label, variable, style: Style::Plain, optional: false }
    }

    pub(crate) const fn code(label: &'static str, variable: &'static str) -> Self {
        Self { style: Style::Code, ..Self::new(label, variable) }
    }

    pub(crate) const fn optional(label: &'static str, variable: &'static str) -> Self {
        Self { optional: true, ..Self::new(label, variable) }
    }

    pub(crate) const fn optional_code(label: &'static str, variable: &'static str) -> Self {
        Self { optional: true, ..Self::code(label, variable) }
    }
}

/// A piece of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Words(&'a str),
    Variable(&'a str),
    /// Where bold begins or ends.
    Bold,
}

/// The pieces of a sentence of a shipped letter.
pub(crate) fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = sentence;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix("**") {
            found.push(Piece::Bold);
            rest = behind;
        } else if let Some((name, behind)) =
            rest.strip_prefix("{{").and_then(|inside| inside.split_once("}}"))
        {
            found.push(Piece::Variable(name));
            rest = behind;
        } else {
            let next =
                [rest.find("**"), rest.find("{{")].into_iter().flatten().filter(|at| *at > 0).min();
            let (words, behind) = rest.split_at(next.unwrap_or(rest.len()));
            found.push(Piece::Words(words));
            rest = behind;
        }
    }
    found
}
