//! The HTML form of a letter, as a template that looks right in plain mail programs: tables, inline styles, nothing loaded.
//!
//! Text inherits the mail program's own colours, so that light and dark schemes both stay readable; only the button
//! brings its own pair.

use crate::{
    letter::{Block, Fact, Letter, Piece, Style, pieces},
    tongues::Tongue,
    value::{Kind, Variable},
};

const BODY: &str = "margin:0;padding:0;color-scheme:light dark;font-family:system-ui,-apple-system,'Segoe UI',Roboto,\
    Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;overflow-wrap:break-word;word-break:break-word";
const CODE: &str = "font-size:13px;line-height:21px;font-family:ui-monospace,SFMono-Regular,Consolas,Menlo,monospace";
const BUTTON: &str = "display:inline-block;padding:10px 20px;color:#ffffff;font-size:16px;font-weight:600;text-decoration:none";
const RULE: &str = "1px solid #8a9694";

/// A whole HTML document around the content, which ends with a line break.
pub(crate) fn document(locale: &str, title: &str, content: &str, site: &str) -> String {
    format!(
        "<!DOCTYPE html>\n\
        <html lang=\"{locale}\">\n\
        <head>\n\
        <meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <meta name=\"color-scheme\" content=\"light dark\">\n\
        <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
        <title>{title}</title>\n\
        </head>\n\
        <body style=\"{BODY}\">\n\
        <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"border-collapse:collapse\">\n\
        <tr>\n\
        <td align=\"center\" style=\"padding:24px 16px\">\n\
        <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"border-collapse:collapse;max-width:600px;text-align:left\">\n\
        <tr>\n\
        <td style=\"padding:0 0 16px;border-bottom:{RULE};font-size:14px;font-weight:600\">Oathbook</td>\n\
        </tr>\n\
        <tr>\n\
        <td style=\"padding:24px 0 0\">\n\
        {content}\
        </td>\n\
        </tr>\n\
        <tr>\n\
        <td style=\"padding:24px 0 0;font-size:13px\">{site}</td>\n\
        </tr>\n\
        </table>\n\
        </td>\n\
        </tr>\n\
        </table>\n\
        </body>\n\
        </html>\n"
    )
}

/// What a letter is put together from.
pub(crate) struct Writer<'a> {
    pub(crate) tongue: &'a Tongue,
    pub(crate) variables: &'a [&'static Variable],
}

impl Writer<'_> {
    /// The template of the HTML part.
    pub(crate) fn template(&self, letter: &Letter) -> String {
        let Tongue { locale, greeting, site, .. } = self.tongue;
        let title = self.sentence(letter.subject, Isolation::None);
        let greeting = self.sentence(greeting, Isolation::Bdi);
        let site = self.sentence(site, Isolation::Bdi);
        let blocks: String = letter
            .blocks
            .iter()
            .enumerate()
            .map(|(place, block)| self.block(block, margin(block, letter.blocks.get(place + 1))))
            .collect();
        let content = format!("<p style=\"margin:0 0 16px\">{greeting}</p>\n{blocks}");
        document(locale, &title, &content, &site)
    }

    fn block(&self, block: &Block, margin: u8) -> String {
        match block {
            Block::Paragraph(sentence) => {
                let sentence = self.sentence(sentence, Isolation::Bdi);
                format!("<p style=\"margin:0 0 {margin}px\">{sentence}</p>\n")
            }
            Block::Note(sentence) => {
                let sentence = self.sentence(sentence, Isolation::Bdi);
                format!(
                    "<p style=\"margin:0 0 {margin}px;padding:4px 0 4px 12px;border-left:4px solid #8a9694\">{sentence}</p>\n"
                )
            }
            Block::Facts(facts) => self.table(facts, margin),
            Block::Button { label, link } => {
                let or_open = escaped(self.tongue.or_open);
                let label = escaped(label);
                format!(
                    "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"border-collapse:separate;margin:0 0 24px\">\n\
                    <tr>\n\
                    <td bgcolor=\"#0b5d54\" style=\"background-color:#0b5d54;border:1px solid #6fb3aa;border-radius:6px\"><a href=\"{{{{{link}}}}}\" style=\"{BUTTON}\">{label}</a></td>\n\
                    </tr>\n\
                    </table>\n\
                    <p style=\"margin:0 0 {margin}px;font-size:13px\">{or_open} <a href=\"{{{{{link}}}}}\" style=\"color:inherit;text-decoration:underline\">{{{{{link}}}}}</a></p>\n"
                )
            }
        }
    }

    fn table(&self, facts: &[Fact], margin: u8) -> String {
        let longest = facts.iter().map(|fact| fact.label.chars().count()).max().unwrap_or_default();
        // Eight pixels a letter at 14 px, and the cell's padding; a longer label takes a second line.
        let width = (8 * longest + 8).clamp(92, 160);
        let rows: String = facts.iter().map(|fact| self.row(fact, width)).collect();
        format!(
            "<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"border-collapse:collapse;margin:0 0 {margin}px;table-layout:fixed;border-bottom:{RULE}\">\n{rows}</table>\n"
        )
    }

    fn row(&self, fact: &Fact, width: usize) -> String {
        let style = match fact.style {
            Style::Plain => "font-size:14px;font-weight:600",
            Style::Code => CODE,
        };
        let label = escaped(fact.label);
        let value = self.variable(fact.variable, Isolation::Bdi);
        let row = format!(
            "<tr>\n\
            <th scope=\"row\" align=\"left\" valign=\"top\" width=\"{width}\" style=\"width:{width}px;padding:8px 8px 8px 0;border-top:{RULE};font-size:14px;font-weight:400\">{label}</th>\n\
            <td align=\"left\" valign=\"top\" style=\"padding:8px 0;border-top:{RULE};{style}\">{value}</td>\n\
            </tr>\n"
        );
        if fact.optional {
            format!("{{{{#if {}}}}}\n{row}{{{{/if}}}}\n", fact.variable)
        } else {
            row
        }
    }

    fn sentence(&self, sentence: &str, isolation: Isolation) -> String {
        let mut bold = false;
        let written = pieces(sentence).into_iter().map(|piece| match piece {
            Piece::Words(words) => escaped(words),
            Piece::Variable(name) => self.variable(name, isolation),
            Piece::Bold => {
                bold = !bold;
                match isolation {
                    Isolation::None => "",
                    Isolation::Bdi if bold => "<b>",
                    Isolation::Bdi => "</b>",
                }
                .to_owned()
            }
        });
        written.collect()
    }

    /// What people typed may run from right to left, and is kept from turning its surroundings round.
    fn variable(&self, name: &str, isolation: Isolation) -> String {
        let kind = self.variables.iter().find(|it| it.name == name).map(|it| it.kind);
        match (isolation, kind) {
            (Isolation::Bdi, Some(Kind::Text | Kind::Word | Kind::Words)) => {
                format!("<bdi>{{{{{name}}}}}</bdi>")
            }
            (Isolation::Bdi, Some(Kind::Moment | Kind::Number | Kind::Link) | None)
            | (Isolation::None, _) => format!("{{{{{name}}}}}"),
        }
    }
}

/// Whether elements may stand there: a title holds none.
#[derive(Clone, Copy)]
enum Isolation {
    Bdi,
    None,
}

/// Paragraphs stand closer to each other than to what is no paragraph.
const fn margin(block: &Block, next: Option<&Block>) -> u8 {
    match (block, next) {
        (_, None) => 0,
        (Block::Paragraph(_), Some(Block::Paragraph(_))) => 16,
        (
            Block::Paragraph(_) | Block::Note(_) | Block::Facts(_) | Block::Button { .. },
            Some(_),
        ) => 24,
    }
}

pub(crate) fn escaped(text: &str) -> String {
    handlebars::html_escape(text)
}
