//! How much of handlebars a template may use: variables, `#if`, `#unless`, `else`, and comments.
//!
//! Everything else is refused before handlebars sees it. So nothing repeats, nothing is included, no helper reaches
//! anything, a misspelt variable in a condition is an error, and every problem has a place.

use domain::email_template::Part;

use crate::source::{Place, TemplateError};

/// How many problems are told at once.
const TOLD_AT_ONCE: usize = 20;
/// How many tags a template may have.
const MOST_TAGS: usize = 500;
/// How deep conditions may lie in each other.
const DEEPEST: usize = 8;

/// What is wrong with a template that may use these variables.
pub(crate) fn problems(part: Part, source: &str, variables: &[&str]) -> Vec<TemplateError> {
    let mut reader = Reader { part, source, variables, open: Vec::new(), problems: Vec::new() };
    reader.read();
    reader.problems
}

struct Reader<'a> {
    part: Part,
    source: &'a str,
    variables: &'a [&'a str],
    open: Vec<Condition<'a>>,
    problems: Vec<TemplateError>,
}

/// A block that has begun.
struct Condition<'a> {
    helper: &'a str,
    /// Where it began.
    at: usize,
    /// Whether its last branch has begun.
    otherwise: bool,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if let Some(at) = self.source.find(forbidden) {
            self.complain(at, "a control character is no part of a letter");
        }
        let mut from = 0;
        let mut tags = 0;
        while let Some(found) = self.source[from..].find("{{") {
            if self.problems.len() >= TOLD_AT_ONCE {
                return;
            }
            let at = from + found;
            tags += 1;
            if tags > MOST_TAGS {
                self.complain(
                    at,
                    format!("there are more than {MOST_TAGS} pairs of `{{{{` and `}}}}`"),
                );
                return;
            }
            match self.tag(at) {
                Some(behind) => from = behind,
                None => return,
            }
        }
        for Condition { helper, at, .. } in std::mem::take(&mut self.open) {
            self.complain(at, format!("`{{{{#{helper} …}}}}` has no `{{{{/{helper}}}}}`"));
        }
    }

    /// Reads the tag that begins there; where it ends, unless it does not.
    fn tag(&mut self, at: usize) -> Option<usize> {
        let rest = &self.source[at..];
        if self.source[..at].ends_with('\\') {
            self.complain(at, "a backslash before `{{` is not offered");
        }
        let (opened, closing) = match rest {
            _ if rest.starts_with("{{{") => ("{{{", "}}}"),
            _ if rest.starts_with("{{!--") => ("{{!--", "--}}"),
            _ => ("{{", "}}"),
        };
        let Some(length) = rest[opened.len()..].find(closing) else {
            self.complain(at, format!("`{opened}` has no `{closing}`"));
            return None;
        };
        let inside = &rest[opened.len()..opened.len() + length];
        match opened {
            "{{{" => self.complain(at, UNESCAPED),
            "{{!--" => {}
            _ => self.inside(at, inside),
        }
        Some(at + opened.len() + length + closing.len())
    }

    fn inside(&mut self, at: usize, inside: &'a str) {
        if inside.starts_with('!') {
            return;
        }
        let inside = inside.strip_prefix('~').unwrap_or(inside);
        let inside = inside.strip_suffix('~').unwrap_or(inside).trim();
        let words: Vec<&str> = inside.split_whitespace().collect();
        match *words.as_slice() {
            [] => self.complain(at, "a variable is missing between `{{` and `}}`"),
            ["else"] => self.otherwise(at, true),
            ["else", "if" | "unless", variable] => {
                self.otherwise(at, false);
                self.variable(at, variable);
            }
            ["else", ..] => self.complain(
                at,
                "`else` stands alone, or is followed by `if` or `unless` and one variable",
            ),
            [first, ..] => match first.chars().next() {
                Some('#') => self.begin(at, &words),
                Some('/') => self.end(at, inside),
                Some('{' | '&') => self.complain(at, UNESCAPED),
                Some('>') => self.complain(at, "a template cannot include another one"),
                Some('*') => self.complain(at, "decorators are not offered"),
                Some('^') => self.complain(at, "`^` is not offered; write `{{else}}` or `{{#unless …}}`"),
                _ if words.len() == 1 => self.variable(at, first),
                _ => self.complain(
                    at,
                    format!("`{inside}` is no variable: helpers and filters are not offered, and one variable stands alone between `{{{{` and `}}}}`"),
                ),
            },
        }
    }

    fn begin(&mut self, at: usize, words: &[&'a str]) {
        let (helper, operands) = match *words {
            ["#", helper, ref operands @ ..] => (helper, operands),
            [first, ref operands @ ..] => (first.trim_start_matches(['#', '*']), operands),
            [] => return,
        };
        // Opened even if something is wrong with it, so that its end is no second problem.
        self.open.push(Condition { helper, at, otherwise: false });
        if self.open.len() > DEEPEST {
            self.complain(at, format!("conditions lie in each other more than {DEEPEST} deep"));
        }
        match (helper, operands) {
            ("if" | "unless", [variable]) => self.variable(at, variable),
            ("if" | "unless", _) => {
                self.complain(at, format!("`#{helper}` takes one variable, and nothing else"));
            }
            _ => self
                .complain(at, format!("`#{helper}` is not offered; there are `#if` and `#unless`")),
        }
    }

    fn end(&mut self, at: usize, inside: &str) {
        let helper = inside[1..].trim();
        match self.open.pop() {
            Some(condition) if condition.helper == helper => {}
            Some(condition) => {
                let began = Place::of(self.source, condition.at).line;
                let expected = condition.helper;
                self.complain(
                    at,
                    format!("`{{{{/{helper}}}}}` ends `{{{{#{expected} …}}}}`, which began in line {began}"),
                );
            }
            None => self.complain(at, format!("`{{{{/{helper}}}}}` ends nothing that began")),
        }
    }

    fn otherwise(&mut self, at: usize, last: bool) {
        match self.open.last_mut() {
            Some(condition) if !condition.otherwise => condition.otherwise = last,
            Some(_) => self.complain(at, "`else` comes behind the last `else` of its condition"),
            None => self.complain(at, "`else` belongs to no `#if` or `#unless`"),
        }
    }

    fn variable(&mut self, at: usize, name: &str) {
        if !self.variables.contains(&name) {
            let known = self.variables.join(", ");
            self.complain(at, format!("there is no variable `{name}`; there are {known}"));
        }
    }

    fn complain(&mut self, at: usize, problem: impl Into<String>) {
        let place = Some(Place::of(self.source, at));
        self.problems.push(TemplateError { part: self.part, place, problem: problem.into() });
    }
}

const UNESCAPED: &str = "`{{{` and `{{&` would put a value into the letter as it is, so that a name could bring markup of \
    its own; write `{{` and `}}`";

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> Vec<String> {
        let problems = problems(Part::Text, source, &["name", "entity.name"]);
        problems.iter().map(ToString::to_string).collect()
    }

    #[track_caller]
    fn refused(source: &str, line: usize, column: usize, part_of_problem: &str) {
        let told = told(source);
        let expected = format!("text, line {line}, column {column}: ");
        assert_eq!(told.len(), 1, "{source}: {told:?}");
        assert!(told[0].starts_with(&expected), "{source}: {told:?}");
        assert!(told[0].contains(part_of_problem), "{source}: {told:?}");
    }

    #[test]
    fn variables_conditions_and_comments_are_offered() {
        for source in [
            "",
            "Hello, {{name}}. { } }} {x}",
            "{{ entity.name }}{{~name~}}",
            "{{#if name}}a{{else}}b{{/if}}",
            "{{# if name }}a{{ else if entity.name }}b{{else unless name}}{{else}}c{{/ if }}",
            "{{~#unless name~}}a{{~/unless~}}",
            "{{! no }} {{!-- no {{nothing}} --}}",
        ] {
            assert_eq!(told(source), [""; 0], "{source}");
        }
    }

    #[test]
    fn an_unknown_variable_is_told_with_its_place_and_those_that_exist() {
        refused(
            "Hello,\nzoë {{nam}}",
            2,
            5,
            "there is no variable `nam`; there are name, entity.name",
        );
        for source in
            ["{{#if nam}}{{/if}}", "{{#unless nam}}{{/unless}}", "{{name.first}}", "{{entity}}"]
        {
            refused(source, 1, 1, "there is no variable `");
        }
        refused("{{#if name}}{{else if nam}}{{/if}}", 1, 13, "there is no variable `nam`");
        for source in [
            "{{this}}",
            "{{@root}}",
            "{{../name}}",
            "{{./name}}",
            "{{\"name\"}}",
            "{{1}}",
            "{{[name]}}",
        ] {
            refused(source, 1, 1, "there is no variable `");
        }
    }

    #[test]
    fn nothing_reaches_outside_or_repeats() {
        for source in [
            "{{lookup this name}}",
            "{{log name}}",
            "{{name | default('N/A')}}",
            "{{name|default('N/A')}}",
            "{{len (lookup this)}}",
            "{{name a=1}}",
        ] {
            let told = told(source);
            assert_eq!(told.len(), 1, "{source}: {told:?}");
        }
        refused("{{#each name}}{{/each}}", 1, 1, "`#each` is not offered");
        refused("{{#with name}}{{/with}}", 1, 1, "`#with` is not offered");
        refused("{{#*inline \"a\"}}{{/inline}}", 1, 1, "is not offered");
        refused("{{> name}}", 1, 1, "cannot include");
        refused("{{* name}}", 1, 1, "decorators");
        refused("{{#if (lookup this name)}}{{/if}}", 1, 1, "takes one variable");
        refused("{{#if name includeZero=true}}{{/if}}", 1, 1, "takes one variable");
        refused("{{^}}", 1, 1, "`^` is not offered");
    }

    #[test]
    fn no_value_comes_unescaped() {
        for source in ["{{{name}}}", "{{&name}}", "{{~{name}~}}", "{{{{raw}}}}"] {
            assert!(told(source)[0].contains("markup of its own"), "{source}");
        }
    }

    #[test]
    fn what_begins_ends() {
        refused("{{name", 1, 1, "`{{` has no `}}`");
        refused("{{!-- a }}", 1, 1, "`{{!--` has no `--}}`");
        refused("a\n{{#if name}}", 2, 1, "has no `{{/if}}`");
        refused("{{/if}}", 1, 1, "ends nothing");
        refused("{{#if name}}{{/unless}}", 1, 13, "which began in line 1");
        refused("{{else}}", 1, 1, "belongs to no");
        refused("{{#if name}}{{else}}{{else}}{{/if}}", 1, 21, "behind the last");
        refused(
            "{{#if name}}{{else if name}}{{else}}{{else if name}}{{/if}}",
            1,
            37,
            "behind the last",
        );
        refused("{{}}", 1, 1, "a variable is missing");
        refused("\\{{name}}", 1, 2, "backslash");
        refused("a\u{0}", 1, 2, "control character");
    }

    #[test]
    fn depth_and_number_of_problems_are_bounded() {
        let deep = |depth| "{{#if name}}".repeat(depth) + &"{{/if}}".repeat(depth);
        assert_eq!(told(&deep(DEEPEST)).len(), 0);
        assert!(told(&deep(DEEPEST + 1))[0].contains("more than 8 deep"));
        assert_eq!(told(&"{{a}}".repeat(10_000)).len(), TOLD_AT_ONCE);
        assert_eq!(told(&"{{name}}".repeat(MOST_TAGS)).len(), 0);
        assert!(told(&"{{name}}".repeat(MOST_TAGS + 1))[0].contains("more than 500"));
    }
}
