//! Lines of RFC 4180 that no spreadsheet takes for formulas.

/// The fields, quoted where they must be, and the end of the line.
pub(super) fn line(fields: impl IntoIterator<Item = String>) -> String {
    let fields: Vec<_> = fields.into_iter().map(|field| quoted(&defused(field))).collect();
    format!("{}\r\n", fields.join(","))
}

/// A spreadsheet evaluates what begins like a formula (CWE-1236), also behind space and quotation marks, which some of
/// them take away. Such a text gets an apostrophe in front, which they show as "text" and do not show at all.
fn defused(text: String) -> String {
    if is_formula(&text) { format!("'{text}") } else { text }
}

fn is_formula(text: &str) -> bool {
    let ignored =
        |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || matches!(c, '"' | '\'');
    text.chars().find(|c| begins_a_formula(*c) || !ignored(*c)).is_some_and(begins_a_formula)
}

/// Also in full width, which some spreadsheets make the same. What moves to another cell begins one there.
const fn begins_a_formula(c: char) -> bool {
    matches!(
        c,
        '\t' | '\r'
            | '\n'
            | '='
            | '+'
            | '-'
            | '@'
            | '\u{FF1D}'
            | '\u{FF0B}'
            | '\u{FF0D}'
            | '\u{FF20}'
            | '\u{2212}'
    )
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A reader of RFC 4180 that nobody would use: one line, no white space around fields.
    fn read(line: &str) -> Vec<String> {
        let line = line.strip_suffix("\r\n").expect("an end");
        let (mut fields, mut field, mut inside) = (vec![], String::new(), false);
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if inside && chars.peek() == Some(&'"') => {
                    chars.next();
                    field.push('"');
                }
                '"' => inside = !inside,
                ',' if !inside => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_but_for_the_apostrophe(
            fields in prop::collection::vec(r#"[ \t\r\n"',;=+@a-zA-Z0-9äß＝-]{0,12}"#, 1..6),
        ) {
            let read = read(&line(fields.clone()));
            prop_assert_eq!(read.len(), fields.len());
            for (read, field) in read.iter().zip(&fields) {
                let defused = format!("'{field}");
                prop_assert!([field, &defused].contains(&read));
            }
        }

        #[test]
        fn no_field_begins_like_a_formula(
            before in "[ \t\r\n\"'\u{200B}\u{FEFF}\u{A0}]{0,3}",
            sign in "[=+@\t\r＝＋－＠−-]",
            rest in ".{0,8}",
        ) {
            let field = format!("{before}{sign}{rest}");
            let read = read(&line([field.clone()]));
            prop_assert_eq!(&read[0], &format!("'{field}"));
        }
    }

    #[test]
    fn an_ordinary_field_stays_as_it_is() {
        for field in ["", "Warehouse sync", "a=b", "2026-11-25T01:02:03.000000Z", "O'Brien", "🔑"]
        {
            assert_eq!(line([field.to_owned()]), format!("{field}\r\n"));
        }
        assert_eq!(line(["a,b".to_owned(), "c\"d".to_owned()]), "\"a,b\",\"c\"\"d\"\r\n");
    }
}
