//! Finding and covering words: spaces, signs, width and case of letters make no difference.

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::queries::Entry;
use crate::features::text;
use crate::features::words::words;

words! {
    /// What happens to a text with a word.
    Treatment {
        /// It is not taken.
        Block = "block",
        /// A person looks at it before everybody reads it.
        Hold = "hold",
        /// The word is covered where everybody reads it.
        Mask = "mask",
    }
}

/// What covers a character.
const COVER: char = '＊';

/// The lists, ready to look for.
#[derive(Debug)]
pub struct Lists([Finder; 3]);

#[derive(Debug)]
struct Finder {
    words: Vec<String>,
    /// `None`: there is no word to look for.
    machine: Option<AhoCorasick>,
}

impl Finder {
    fn new(words: Vec<String>) -> Result<Self, BuildError> {
        if words.is_empty() {
            return Ok(Self { words, machine: None });
        }
        let patterns = words.iter().map(|word| normal(word).0);
        let machine =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns)?;
        Ok(Self { words, machine: Some(machine) })
    }
}

impl Lists {
    pub(super) fn new(entries: &[Entry]) -> Result<Self, BuildError> {
        let of = |treatment| {
            let words = entries.iter().filter(|entry| entry.treatment == treatment);
            Finder::new(words.map(|entry| entry.word.clone()).collect())
        };
        Ok(Self([of(Treatment::Block)?, of(Treatment::Hold)?, of(Treatment::Mask)?]))
    }

    fn finder(&self, treatment: Treatment) -> &Finder {
        let [block, hold, mask] = &self.0;
        match treatment {
            Treatment::Block => block,
            Treatment::Hold => hold,
            Treatment::Mask => mask,
        }
    }

    /// Words of one list that stand in any of the texts, each once.
    #[must_use]
    pub fn found(&self, treatment: Treatment, texts: &[&str]) -> Vec<String> {
        let finder = self.finder(treatment);
        let Some(machine) = &finder.machine else { return Vec::new() };
        let mut found: Vec<String> = Vec::new();
        for text in texts {
            let (plain, _) = normal(text);
            for hit in machine.find_iter(&plain) {
                let word = finder.words.get(hit.pattern().as_usize());
                if let Some(word) = word.filter(|word| !found.contains(word)) {
                    found.push(word.clone());
                }
            }
        }
        found
    }

    /// A text as everybody may read it: words of the list and long numbers are covered.
    #[must_use]
    pub fn public(&self, text: &str) -> String {
        let Some(machine) = &self.finder(Treatment::Mask).machine else {
            return text::masked(text);
        };
        let (plain, origins) = normal(text);
        let mut covered = vec![false; text.chars().count()];
        for hit in machine.find_iter(&plain) {
            let first = origins.get(hit.start()).copied();
            let last = hit.end().checked_sub(1).and_then(|end| origins.get(end)).copied();
            if let (Some(first), Some(last)) = (first, last) {
                for mark in covered.iter_mut().take(last.saturating_add(1)).skip(first) {
                    *mark = true;
                }
            }
        }
        let cover = |(c, covered): (char, &bool)| if *covered { COVER } else { c };
        text::masked(&text.chars().zip(&covered).map(cover).collect::<String>())
    }
}

/// A text without what only hides a word, and for each of its bytes the place of the character
/// that it comes from.
pub(super) fn normal(text: &str) -> (String, Vec<usize>) {
    let (mut plain, mut origins) = (String::with_capacity(text.len()), Vec::new());
    for (place, c) in text.chars().enumerate() {
        let narrow = match u32::from(c) {
            // Letters and signs of full width.
            wide @ 0xff01..=0xff5e => char::from_u32(wide.saturating_sub(0xfee0)).unwrap_or(c),
            _ => c,
        };
        for c in narrow.to_lowercase().filter(|c| c.is_alphanumeric()) {
            plain.push(c);
            origins.resize(plain.len(), place);
        }
    }
    (plain, origins)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn lists(words: &[(&str, Treatment)]) -> Lists {
        let entry = |&(word, treatment): &(&str, Treatment)| Entry {
            id: Uuid::nil(),
            word: word.to_owned(),
            treatment,
        };
        Lists::new(&words.iter().map(entry).collect::<Vec<_>>()).expect("built")
    }

    #[test]
    fn a_word_is_found_however_it_is_spaced_and_written() {
        let lists = lists(&[("坏蛋", Treatment::Block), ("Spam", Treatment::Block)]);
        for text in ["你这坏蛋", "坏 蛋", "坏·蛋", "坏\n蛋"] {
            assert_eq!(lists.found(Treatment::Block, &[text]), ["坏蛋"], "{text}");
        }
        for text in ["SPAM", "ｓｐａｍ", "s.p.a.m"] {
            assert_eq!(lists.found(Treatment::Block, &[text]), ["Spam"], "{text}");
        }
        assert!(lists.found(Treatment::Block, &["好人", "", "🦀"]).is_empty());
        assert!(lists.found(Treatment::Hold, &["坏蛋"]).is_empty());
    }

    #[test]
    fn a_word_is_covered_in_its_place_and_nothing_else_is() {
        let lists = lists(&[("张某某", Treatment::Mask), ("张某", Treatment::Mask)]);
        assert_eq!(lists.public("找 张·某 某 要钱"), "找 ＊＊＊＊＊ 要钱");
        assert_eq!(lists.public("𬱖张某𬱖"), "𬱖＊＊𬱖");
        assert_eq!(lists.public("电话10012345678张某"), "电话100********＊＊");
        assert_eq!(Lists::new(&[]).expect("built").public("张某"), "张某");
    }
}
