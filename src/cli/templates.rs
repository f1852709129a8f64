//! `oathbook templates`.

use briefing::{Registry, Standing, Wording, template_name, wording};
use clap::{Args, Subcommand};
use domain::{
    EmailTemplateId,
    email_template::{EmailTemplate, Origin, Source},
    user::Locale,
};
use letters::Occasion;
use serde_json::{Value, json};

use super::{
    lookup,
    outcome::{Exit, Outcome, print_json, print_line, print_table},
};
use crate::{compose::House, config::Config};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the templates of letters, shipped ones first.
    List(List),
    /// Show in which words a template writes letters.
    Show(Show),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    /// Id or name.
    template: String,
    /// For whoever reads this language, such as en or de-CH.
    #[arg(long, default_value = "en")]
    locale: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let house = House::open(config).await?;
    let standing = Registry::default().now(&house.commands.log).await?;
    match command {
        Command::List(arguments) => list(&standing, &arguments),
        Command::Show(arguments) => show(&standing, &arguments),
    }
}

fn locales(template: &EmailTemplate) -> Vec<String> {
    template.customized.keys().map(|locale| locale.as_str().to_owned()).collect()
}

fn list(standing: &Standing, arguments: &List) -> Outcome {
    let all = standing.templates.all();
    if arguments.json {
        let one = |(id, occasion, template)| document(id, occasion, template);
        return print_json(&all.map(one).collect::<Vec<_>>());
    }
    let row = |(id, occasion, template): (EmailTemplateId, &Occasion, &EmailTemplate)| {
        vec![
            id.to_string(),
            template_name(occasion, template).to_owned(),
            occasion.name.to_owned(),
            locales(template).join(", "),
        ]
    };
    print_table(&["ID", "NAME", "OCCASION", "CUSTOMIZED"], &all.map(row).collect::<Vec<_>>())
}

fn show(standing: &Standing, arguments: &Show) -> Outcome {
    let locale = Locale::parse(&arguments.locale);
    let locale = locale.map_err(|rule| Exit::argument("--locale", rule))?;
    let id = lookup::template(&standing.templates, &arguments.template)?;
    let found = standing.templates.get(id);
    let words = found.and_then(|(_, template)| wording(id, template, &locale));
    let (Some((occasion, template)), Some(Wording { choice, .. })) = (found, words) else {
        return Err(Exit::not_found("the template has no words"));
    };
    let Source { subject, text, html } = choice.source;
    if arguments.json {
        let mut document = document(id, occasion, template);
        document["locale"] = json!(choice.locale);
        document["subject"] = json!(subject);
        document["text"] = json!(text);
        document["html"] = json!(html);
        return print_json(&document);
    }
    for (label, value) in [
        ("Template", id.to_string()),
        ("Name", template_name(occasion, template).to_owned()),
        ("Occasion", occasion.name.to_owned()),
        ("Locale", choice.locale.as_str().to_owned()),
        ("Subject", subject),
    ] {
        print_line(&format!("{label:13} {value}"))?;
    }
    print_line("")?;
    print_line(text.trim_end())
}

fn document(id: EmailTemplateId, occasion: &Occasion, template: &EmailTemplate) -> Value {
    json!({
        "id": id,
        "name": template_name(occasion, template),
        "occasion": occasion.name,
        "shipped": matches!(template.origin, Origin::Shipped),
        "customized": locales(template),
    })
}
