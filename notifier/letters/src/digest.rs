//! Several letters to the same reader in one mail.

use domain::user::Locale;
use url::Url;

use crate::{Rendered, html, tongues};

/// How many letters one mail holds: with words as they ship it stays well below the 100 KiB that mail programs show.
pub const MOST_IN_A_MAIL: usize = 25;

/// Under a subject that says how many they are, each letter under its own.
///
/// The HTML says what the texts say: letters that administrators wrote are whole documents of any form, and do not fit
/// into another one.
pub fn digest(locale: &Locale, public_url: &Url, letters: &[Rendered]) -> Rendered {
    let tongue = tongues::tongue(locale);
    let subject = (tongue.several)(letters.len());
    let site = tongue.site.replace("{{site}}", public_url.as_str());
    let text: String = letters.iter().map(section).collect();
    let content: String = letters.iter().map(html_section).collect();
    let html =
        html::document(tongue.locale, &html::escaped(&subject), &content, &html::escaped(&site));
    Rendered { text: format!("{text}{site}\n"), subject, html }
}

fn section(letter: &Rendered) -> String {
    let rule = "=".repeat(letter.subject.chars().count().min(72));
    format!("{}\n{rule}\n\n{}\n\n", letter.subject, letter.text.trim())
}

fn html_section(letter: &Rendered) -> String {
    let subject = html::escaped(&letter.subject);
    let paragraphs: String = letter.text.trim().split("\n\n").map(paragraph).collect();
    format!(
        "<h2 style=\"margin:24px 0 16px;font-size:18px;line-height:1.3\"><bdi>{subject}</bdi></h2>\n{paragraphs}"
    )
}

fn paragraph(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(line).collect();
    format!("<p style=\"margin:0 0 16px\">{}</p>\n", lines.join("<br>\n"))
}

/// A line that is an address and nothing else can be followed.
fn line(text: &str) -> String {
    let shown = html::escaped(text);
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            format!(
                "<a href=\"{shown}\" style=\"color:inherit;text-decoration:underline\">{shown}</a>"
            )
        }
        Ok(_) | Err(_) => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_of_shipped_letters_is_shown_whole() {
        let site = Url::parse("https://book.example").expect("an address");
        for locale in crate::shipped_locales() {
            let letters = crate::OCCASIONS.iter().map(|occasion| {
                let source = crate::shipped(occasion, &locale).expect("it ships");
                let told = (occasion.sample)();
                crate::render(occasion, &locale, &source, &told).expect("a letter")
            });
            let longest = letters.max_by_key(|letter| letter.text.len()).expect("a letter");
            let digest = digest(&locale, &site, &vec![longest; MOST_IN_A_MAIL]);
            assert!(
                digest.html.len() < crate::LARGEST,
                "{}: {}",
                locale.as_str(),
                digest.html.len()
            );
        }
    }

    fn letter(subject: &str, text: &str) -> Rendered {
        Rendered { subject: subject.to_owned(), text: text.to_owned(), html: String::new() }
    }

    #[test]
    fn every_letter_stands_under_its_subject_and_nothing_in_it_is_markup() {
        let letters = [
            letter("One <b>", "Hello.\n\nhttps://book.example/a?b&c\n"),
            letter("Two", "Line\nline"),
        ];
        let site = Url::parse("https://book.example").expect("an address");
        let digest = digest(&Locale::parse("de-AT").expect("a locale"), &site, &letters);
        assert_eq!(digest.subject, "2 Mitteilungen von Oathbook");
        assert!(digest.text.starts_with("One <b>\n=======\n\nHello.\n"), "{}", digest.text);
        assert!(digest.html.contains("<html lang=\"de\">"), "{}", digest.html);
        assert!(digest.html.contains("One &lt;b&gt;") && !digest.html.contains("<b>"));
        assert!(
            digest.html.contains("<a href=\"https://book.example/a?b&amp;c\""),
            "{}",
            digest.html
        );
        assert!(digest.html.contains("Line<br>\nline"), "{}", digest.html);
    }
}
