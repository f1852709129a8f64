//! Others than its owner can read the file of a private key.

use domain::{
    Event,
    observation::{self, Observation},
};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Facts, Note, Paragraph},
        Fact, Letter,
    },
    samples,
    told::NotTold,
    value::{Kind, Value, Variable},
    variables::COMMON,
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "private_key_unsafe",
    title: "Private key unsafe",
    about: About::Installation,
    security: true,
    template: "private_key_unsafe",
    tells: |event| key_file(event).is_ok(),
    variables: &[COMMON, OWN],
    sample: samples::key_unsafe,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const OWN: &[Variable] = &[
    Variable {
        name: "file",
        meaning: "The name of the file, without folders.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(key_file(&told.event)?.0)),
    },
    Variable {
        name: "mode",
        meaning: "The permissions of the file, as `chmod` takes them.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(format!("{:04o}", key_file(&told.event)?.1 & 0o7777))),
    },
];

fn key_file(event: &Event) -> Result<(&str, u32), NotTold> {
    let Event::Observation(observation::Event::Noted(Observation::PrivateKeyUnsafe {
        file,
        mode,
        ..
    })) = event
    else {
        return Err(NotTold("the file of the private key"));
    };
    Ok((file, *mode))
}

const EN: Letter = Letter {
    subject: "A private key of Oathbook can be read by others",
    blocks: &[
        Paragraph("The file **{{file}}** holds a private key, and not only its owner can read it."),
        Note(
            "Allow nobody but its owner to read it (chmod 600). If somebody may have read it, replace the key: whoever has it can pretend to be this Oathbook.",
        ),
        Facts(&[
            Fact::code("File", "file"),
            Fact::code("Permissions", "mode"),
            Fact::new("Noticed", "at"),
        ]),
    ],
};

const DE: Letter = Letter {
    subject: "Ein privater Schlüssel von Oathbook ist für andere lesbar",
    blocks: &[
        Paragraph(
            "Die Datei **{{file}}** enthält einen privaten Schlüssel, und nicht nur ihr Eigentümer kann sie lesen.",
        ),
        Note(
            "Erlauben Sie nur dem Eigentümer der Datei, sie zu lesen (chmod 600). Falls jemand sie gelesen haben könnte, ersetzen Sie den Schlüssel: Wer ihn hat, kann sich als dieses Oathbook ausgeben.",
        ),
        Facts(&[
            Fact::code("Datei", "file"),
            Fact::code("Rechte", "mode"),
            Fact::new("Bemerkt", "at"),
        ]),
    ],
};

const FR: Letter = Letter {
    subject: "Une clé privée d’Oathbook est lisible par d’autres",
    blocks: &[
        Paragraph(
            "Le fichier **{{file}}** contient une clé privée, et son propriétaire n’est pas le seul à pouvoir le lire.",
        ),
        Note(
            "N’en autorisez la lecture qu’à son propriétaire (chmod 600). Si quelqu’un a pu le lire, remplacez la clé\u{a0}: quiconque la possède peut se faire passer pour cet Oathbook.",
        ),
        Facts(&[
            Fact::code("Fichier", "file"),
            Fact::code("Droits", "mode"),
            Fact::new("Constaté", "at"),
        ]),
    ],
};

const ES: Letter = Letter {
    subject: "Otros pueden leer una clave privada de Oathbook",
    blocks: &[
        Paragraph(
            "El archivo **{{file}}** contiene una clave privada y no solo su propietario puede leerlo.",
        ),
        Note(
            "Permita leerlo únicamente a su propietario (chmod 600). Si alguien ha podido leerlo, sustituya la clave: quien la tenga puede hacerse pasar por este Oathbook.",
        ),
        Facts(&[
            Fact::code("Archivo", "file"),
            Fact::code("Permisos", "mode"),
            Fact::new("Detectado", "at"),
        ]),
    ],
};
