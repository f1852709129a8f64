//! The names of occasions, as documents and filters list them: whatever `letters` knows.

use briefing::INVITATION;
use letters::OCCASIONS;

/// Of every occasion, in the order in which people read them.
pub(super) const ALL: &[&str] = &all();
/// Of those that rules may be about.
pub(super) const OF_RULES: &[&str] = &but_for(INVITATION);

const COUNT: usize = OCCASIONS.len();

const fn all() -> [&'static str; COUNT] {
    let mut names = [""; COUNT];
    let mut index = 0;
    while index < COUNT {
        names[index] = OCCASIONS[index].name;
        index += 1;
    }
    names
}

/// Does not compile unless the name is one of them.
const fn but_for(left_out: &str) -> [&'static str; COUNT - 1] {
    let mut names = [""; COUNT - 1];
    let (mut index, mut found) = (0, 0);
    while index < COUNT {
        if !is(ALL[index], left_out) {
            names[found] = ALL[index];
            found += 1;
        }
        index += 1;
    }
    names
}

/// `==` of texts, which constants do not have.
const fn is(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occasion_can_be_filtered_by() {
        assert!(ALL.iter().copied().eq(OCCASIONS.iter().map(|it| it.name)));
    }

    #[test]
    fn every_occasion_that_rules_may_be_about_can_be_named() {
        let all = OCCASIONS.iter().map(|occasion| occasion.name);
        let all: Vec<_> = all.filter(|name| *name != INVITATION).collect();
        assert_eq!(OF_RULES, all);
    }
}
