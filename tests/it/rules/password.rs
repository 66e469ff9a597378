//! Password rules.

use chrono::{DateTime, TimeDelta, Utc};
use onedoor::domain::password::{Context, Fault, Profile, Rules, expires, faults, is_expired, normalized};

const CONTEXT: Context<'_> =
    Context { login: "zhangwei", words: &["清河县", "qinghe", "onedoor"], used_before: false };

fn codes(password: &str, rules: &Rules, context: &Context<'_>) -> Vec<&'static str> {
    faults(password, rules, context).iter().map(Fault::code).collect()
}

#[test]
fn nist_asks_for_length_and_against_guessing_only() {
    let rules = Rules::of(Profile::Nist, false);
    for good in [
        "correct horse battery staple",
        "meadow tulip kettle orbit",
        "今天的雨下得比昨天还要大一些吧",
        "kvTq pmrXzuWyhbn",
        "九曲黄河万里沙浪淘风簸自天涯如今直上银河去同到牵牛织女家白日依山尽黄河入海流欲穷千里目更上一层楼春眠不觉晓处处闻啼鸟夜来",
    ] {
        assert_eq!(codes(good, &rules, &CONTEXT), [""; 0], "{good}");
    }
    assert_eq!(codes("kvTqpmrXzuWyhb", &rules, &CONTEXT), ["password_too_short"]);
    assert_eq!(codes("kvTq8pmr", &Rules::of(Profile::Nist, true), &CONTEXT), [""; 0]);
    assert_eq!(codes("kvTq8pm", &Rules::of(Profile::Nist, true), &CONTEXT), ["password_too_short"]);
    assert_eq!(codes(&"x7Kq".repeat(40), &rules, &CONTEXT), ["password_too_long"]);
    assert_eq!(codes("kvTq pmrXz\u{0}uWyhbn", &rules, &CONTEXT), ["password_control_character"]);
    for (bad, code) in [
        ("Zhangwei kettle orbit", "password_has_login"),
        ("ZhAnG.WeI kettle orbit", "password_has_login"),
        ("iewgnahz kettle orbit", "password_has_login"),
        ("我爱清河县的春天和秋天还有冬天", "password_has_context_word"),
        ("kettle Qing-He orbit", "password_has_context_word"),
        ("Passw0rdPassw0rd2024", "password_common"),
        ("Administrator@2024!!", "password_common"),
        ("P@$$w0rd P@$$w0rd 1", "password_common"),
        ("aaaaaaaaaaaaaaaa", "password_repetitive"),
        ("abcabcabcabcabcabc", "password_repetitive"),
        ("1234567890123456", "password_repetitive"),
        ("qwertyuiopasdfghjkl", "password_repetitive"),
        ("1qaz2wsx3edc4rfv", "password_repetitive"),
        ("1234567812345678", "password_repetitive"),
    ] {
        assert!(codes(bad, &rules, &CONTEXT).contains(&code), "{bad}: {:?}", codes(bad, &rules, &CONTEXT));
    }
}

#[test]
fn mlps3_asks_for_three_classes_history_and_change() {
    let rules = Rules::of(Profile::Mlps3, true);
    assert_eq!(codes("kvTq8pmrXz", &rules, &CONTEXT), [""; 0]);
    assert_eq!(codes("kvtq8pmr-z", &rules, &CONTEXT), [""; 0]);
    assert_eq!(codes("kvtq8pmrxz", &rules, &CONTEXT), ["password_few_classes"]);
    assert_eq!(codes("kvTq8pmrX", &rules, &CONTEXT), ["password_too_short"]);
    let reused = Context { used_before: true, ..CONTEXT };
    assert_eq!(codes("kvTq8pmrXz", &rules, &reused), ["password_used_before"]);
    // All at once.
    assert_eq!(
        codes("zhangwei", &rules, &reused),
        ["password_too_short", "password_few_classes", "password_has_login", "password_used_before"]
    );
    let set: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    assert_eq!(expires(&rules, set), Some(set + TimeDelta::days(90)));
    assert!(
        is_expired(&rules, set, set + TimeDelta::days(90))
            && !is_expired(&rules, set, set + TimeDelta::days(89))
    );
    assert_eq!(expires(&Rules::of(Profile::Nist, false), set), None);
}

#[test]
fn figures_may_be_stricter_but_not_laxer() {
    for profile in [Profile::Nist, Profile::Mlps3] {
        assert!(Rules::of(profile, false).faults(profile, false).is_empty());
    }
    let lax = Rules { min_chars: 7, max_chars: 32, classes: 2, history: 4, life_days: 91 };
    let fields: Vec<_> = lax.faults(Profile::Mlps3, false).into_iter().map(|f| f.0).collect();
    assert_eq!(fields, ["min_chars", "max_chars", "classes", "history", "life_days"]);
    let fields: Vec<_> = lax.faults(Profile::Nist, false).into_iter().map(|f| f.0).collect();
    assert_eq!(fields, ["min_chars", "max_chars", "classes", "life_days"]);
}

#[test]
fn two_spellings_of_one_character_are_one_password() {
    assert_eq!(normalized("ｐａｓｓ e\u{301}"), normalized("pass \u{e9}"));
}

#[test]
fn no_input_is_dear_or_shown_again() {
    let rules = Rules::of(Profile::Nist, false);
    // U+FDFA becomes 18 characters.
    let long = "\u{fdfa}".repeat(1_000_000);
    assert_eq!(codes(&long, &rules, &CONTEXT), ["password_too_long"]);
    for fault in faults("SeCrEt1", &rules, &CONTEXT) {
        assert!(!fault.text().contains("SeCrEt1"));
    }
}
