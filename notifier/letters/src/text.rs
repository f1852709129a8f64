//! The text form of a letter, as a template.

use crate::{
    letter::{Block, Fact, Letter, Piece, pieces},
    tongues::Tongue,
};

/// The template of the text part.
pub(crate) fn template(letter: &Letter, tongue: &Tongue) -> String {
    let mut parts = vec![plain(tongue.greeting)];
    parts.extend(letter.blocks.iter().map(|it| block(it, tongue)));
    parts.push(plain(tongue.site));
    parts.join("\n\n") + "\n"
}

/// A sentence without its marks for bold.
pub(crate) fn plain(sentence: &str) -> String {
    let written = pieces(sentence).into_iter().map(|piece| match piece {
        Piece::Words(words) => words.to_owned(),
        Piece::Variable(name) => format!("{{{{{name}}}}}"),
        Piece::Bold => String::new(),
    });
    written.collect()
}

fn block(block: &Block, tongue: &Tongue) -> String {
    let colon = tongue.colon;
    match block {
        Block::Paragraph(sentence) | Block::Note(sentence) => plain(sentence),
        Block::Facts(facts) => table(facts, colon),
        Block::Button { label, link } => format!("{label}{colon}\n{{{{{link}}}}}"),
    }
}

/// Values stand below each other.
fn table(facts: &[Fact], colon: &str) -> String {
    let longest = facts.iter().map(|fact| fact.label.chars().count()).max().unwrap_or_default();
    let width = longest + colon.chars().count() + 1;
    let lines = facts.iter().map(|Fact { label, variable, optional, .. }| {
        let line = format!("{:width$}{{{{{variable}}}}}", format!("{label}{colon}"));
        if *optional { format!("{{{{#if {variable}}}}}\n{line}\n{{{{/if}}}}") } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}
