//! The shape all life cycles share: states and acts with names, one table of transitions, refusals that say what is
//! allowed. The life cycles themselves are in `inspection`, `invitation`, `item`, `visit_state`, `draw_state`,
//! `replacement`.

/// An act that a state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refused {
    /// What it was asked of (`inspection`), snake_case.
    pub thing: &'static str,
    /// The state it is in.
    pub state: &'static str,
    /// The act asked for.
    pub act: &'static str,
    /// The acts the state allows; empty at an end.
    pub allowed: Vec<&'static str>,
    /// The same in Chinese, for people.
    pub text: String,
}

/// A set of states or acts with a stable name and a Chinese word each.
pub trait Word: Copy + Eq + 'static {
    /// All of them, in the order of work.
    const ALL: &'static [Self];
    /// Stable `snake_case` name, as stored and sent.
    fn as_str(self) -> &'static str;
    /// The word people see.
    fn word(self) -> &'static str;
    /// The one with a name.
    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|w| w.as_str() == name)
    }
}

/// A life cycle: its states, its acts, its table.
pub trait Cycle: Word {
    /// What may be done.
    type Act: Word;
    /// Name of the thing that has this state, snake_case.
    const THING: &'static str;
    /// The same in Chinese.
    const THING_WORD: &'static str;
    /// Every transition there is: (from, act, to).
    const TRANSITIONS: &'static [(Self, Self::Act, Self)];
    /// Where each begins.
    const FIRST: Self;

    /// The state after an act.
    ///
    /// # Errors
    /// The table has no such transition; the refusal names the state and what it allows.
    fn after(self, act: Self::Act) -> Result<Self, Refused> {
        let found = Self::TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == act);
        found.map(|(_, _, to)| *to).ok_or_else(|| {
            let allowed = self.allowed();
            let words: Vec<&str> = allowed.iter().map(|a| a.word()).collect();
            let way = if words.is_empty() {
                "这是最终状态,不能再办理".to_owned()
            } else {
                format!("现在可以:{}", words.join("、"))
            };
            Refused {
                thing: Self::THING,
                state: self.as_str(),
                act: act.as_str(),
                allowed: allowed.iter().map(|a| a.as_str()).collect(),
                text: format!("{}处于“{}”,不能{};{way}", Self::THING_WORD, self.word(), act.word()),
            }
        })
    }

    /// The acts this state allows, each once, in the table's order.
    fn allowed(self) -> Vec<Self::Act> {
        Self::TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, act, _)| *act).collect()
    }

    /// Whether nothing can follow.
    fn is_final(self) -> bool {
        Self::TRANSITIONS.iter().all(|(from, _, _)| *from != self)
    }
}

/// Makes an enum of words: variant, stable name, Chinese word, doc comment.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal, $word:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// All of them, in the order of work.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Stable `snake_case` name, as stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The word people see.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one with a name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|w| w.as_str() == name)
            }
        }

        impl $crate::domain::states::Word for $name {
            const ALL: &'static [Self] = Self::ALL;
            fn as_str(self) -> &'static str { self.as_str() }
            fn word(self) -> &'static str { self.word() }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

/// Makes a life cycle of states and acts made with `words!`: the table, and `next` as a free function.
macro_rules! cycle {
    ($thing:literal, $word:literal, $first:ident; $($from:ident : $act:ident => $to:ident;)+) => {
        /// Every transition there is: (from, act, to).
        pub const TRANSITIONS: &[(State, Act, State)] = &[$((State::$from, Act::$act, State::$to)),+];

        impl $crate::domain::states::Cycle for State {
            type Act = Act;
            const THING: &'static str = $thing;
            const THING_WORD: &'static str = $word;
            const TRANSITIONS: &'static [(State, Act, State)] = TRANSITIONS;
            const FIRST: Self = State::$first;
        }

        /// The state after an act.
        ///
        /// # Errors
        /// The state does not allow it; the refusal names the state and what it allows.
        pub fn next(state: State, act: Act) -> Result<State, $crate::domain::states::Refused> {
            $crate::domain::states::Cycle::after(state, act)
        }
    };
}
pub(crate) use cycle;
