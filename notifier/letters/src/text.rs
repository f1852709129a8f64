//! The text form of a letter, as a template.

use crate::{
    letter::{Block, Fact, Letter, Piece, pieces},
    tongues::Tongue,
};

/// The template of the text part.
pub(crate) fn template(letter: &Letter, tongue: &Tongue) -> String {
    let mut parts = vec![plain(tongue.greeting)];
    parts.extend(letter.blocks.iter().map(block));
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

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(sentence) | Block::Note(sentence) => plain(sentence),
        Block::Facts(facts) => table(facts),
        Block::Button { label, link } => format!("{label}:\n{{{{{link}}}}}"),
    }
}

/// Values stand below each other.
fn table(facts: &[Fact]) -> String {
    let width = facts.iter().map(|fact| fact.label.chars().count()).max().unwrap_or_default() + 2;
    let lines = facts.iter().map(|Fact { label, variable, optional, .. }| {
        let line = format!("{:width$}{{{{{variable}}}}}", format!("{label}:"));
        if *optional { format!("{{{{#if {variable}}}}}\n{line}\n{{{{/if}}}}") } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}
