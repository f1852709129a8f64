//! One text of every application, one behind the other.
//!
//! Looking for a part of a name visits all of them: side by side, so that the processor fetches the next ones meanwhile.
//! Each allocated on its own, memory was waited for three quarters of the time.

/// Texts by slot.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    /// Bytes that belong to no text any more.
    wasted: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    length: usize,
}

impl Texts {
    /// What may be wasted before it is worth to tidy up, beside as much as is in use.
    const BEARABLE: usize = 4096;

    pub(super) fn get(&self, slot: usize) -> &[u8] {
        let Span { start, length } = self.spans[slot];
        &self.bytes[start..start + length]
    }

    /// Keeps the text in the slot, which may be the next one.
    pub(super) fn set(&mut self, slot: usize, text: &str) {
        if slot >= self.spans.len() {
            self.spans.resize(slot + 1, Span::default());
        }
        self.wasted += self.spans[slot].length;
        self.spans[slot] = Span { start: self.bytes.len(), length: text.len() };
        self.bytes.extend_from_slice(text.as_bytes());
        if self.wasted > self.bytes.len() / 2 + Self::BEARABLE {
            self.tidy_up();
        }
    }

    fn tidy_up(&mut self) {
        let mut bytes = Vec::with_capacity(self.bytes.len() - self.wasted);
        for span in &mut self.spans {
            let start = bytes.len();
            bytes.extend_from_slice(&self.bytes[span.start..span.start + span.length]);
            span.start = start;
        }
        self.bytes = bytes;
        self.wasted = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_keeps_its_text_however_often_others_change() {
        let mut texts = Texts::default();
        let text = |slot: usize, round: usize| format!("{slot} in round {round}").repeat(slot % 4);
        for round in 0..500 {
            for slot in 0..20 {
                texts.set(slot, &text(slot, round));
            }
        }
        for slot in 0..20 {
            assert_eq!(texts.get(slot), text(slot, 499).as_bytes());
        }
        assert!(texts.bytes.len() < 4 * Texts::BEARABLE, "{}", texts.bytes.len());
    }
}
