//! Who was at a subject the last time stays away the next time, as long as his department can send others (domain notes 4:
//! the same inspector at the same subject consecutively is forbidden if the pool allows it).

/// An officer of a department who could go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Officer {
    /// Whether he was there the last time.
    pub was_there: bool,
    /// Whether he may have the A post.
    pub can_lead: bool,
}

/// Whether those who were there the last time stay away: enough others are left, and somebody among them may lead where
/// somebody of the department may. Otherwise nobody stays away, for half a rule would favour the one who is left.
#[must_use]
pub fn applies(officers: &[Officer], needed: usize) -> bool {
    let fresh = || officers.iter().filter(|o| !o.was_there);
    let leads = officers.iter().any(|o| o.can_lead);
    fresh().count() >= needed && (!leads || fresh().any(|o| o.can_lead))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn officers(list: &[(bool, bool)]) -> Vec<Officer> {
        list.iter()
            .map(|(was_there, can_lead)| Officer { was_there: *was_there, can_lead: *can_lead })
            .collect()
    }

    #[test]
    fn only_where_others_can_go_and_lead() {
        let two_of_four = officers(&[(true, true), (true, false), (false, true), (false, false)]);
        assert!(applies(&two_of_four, 2));
        assert!(!applies(&two_of_four, 3), "three are needed");
        assert!(!applies(&officers(&[(true, true), (true, false), (false, false), (false, false)]), 2));
        assert!(
            applies(&officers(&[(true, false), (false, false), (false, false)]), 2),
            "nobody leads anyway"
        );
        assert!(!applies(&[], 2));
    }

    proptest! {
        #[test]
        fn whoever_is_left_can_make_a_team(list in proptest::collection::vec((any::<bool>(), any::<bool>()), 0..12), needed in 0_usize..6) {
            let list = officers(&list);
            let left: Vec<&Officer> = list.iter().filter(|o| !o.was_there).collect();
            if applies(&list, needed) {
                prop_assert!(left.len() >= needed);
                prop_assert_eq!(left.iter().any(|o| o.can_lead), list.iter().any(|o| o.can_lead));
            }
        }
    }
}
