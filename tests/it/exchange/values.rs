//! Texts to values: what is repaired, what is refused.

use super::{business, code};
use chrono::NaiveDate;
use onedoor::domain::calendar::WorkdayTable;
use onedoor::domain::ratio::{Bound, Ratio, Rule};
use onedoor::domain::uscc;
use onedoor::domain::window::WindowText;
use onedoor::exchange::table::Kind;
use onedoor::exchange::{headers, text, value, words, workdays};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn credit_codes_are_checked() {
    // Real-shaped code computed by hand: weights 3^(i-1) mod 31.
    assert_eq!(uscc::check("91350100M000100Y43"), Ok(()));
    assert!(matches!(
        uscc::check("91350100M000100Y44"),
        Err(uscc::UsccFault::Check { expected: '3', found: '4' })
    ));
    assert!(matches!(
        uscc::check("9135010OM000100Y43"),
        Err(uscc::UsccFault::Character { place: 8, found: 'O' })
    ));
    assert!(matches!(uscc::check("91350100M000100Y4"), Err(uscc::UsccFault::Length(17))));
    assert!(matches!(uscc::check("九1350100M000100Y43"), Err(uscc::UsccFault::Character { place: 1, .. })));
}

#[test]
fn one_changed_character_never_passes() {
    let good = business(7);
    for place in 0..18 {
        for c in "0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ".chars() {
            let mut chars: Vec<char> = good.chars().collect();
            if chars[place] != c {
                chars[place] = c;
                assert!(uscc::check(&chars.iter().collect::<String>()).is_err());
            }
        }
    }
}

#[test]
fn identities_are_repaired_where_lossless() {
    let good = business(1);
    let spaced = format!(" {} {}\u{200b} ", &good[..8], &good[8..].to_lowercase());
    let wide: String = good.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    for raw in [&spaced, &wide, &format!("'{good}"), &format!("\u{feff}{good}\u{a0}"), &good.to_lowercase()] {
        let id = value::identity(raw, Kind::Text).unwrap();
        assert_eq!((id.key.as_str(), id.is_uscc, id.repaired), (good.as_str(), true, true), "{raw}");
    }
    for raw in [
        "440301103097413",
        "440301103097413.0",
        "4.40301103097413E+14",
        "4.40301103097413e14",
        "440301103097413.00",
    ] {
        let id = value::identity(raw, Kind::Text).unwrap();
        assert_eq!((id.key.as_str(), id.is_uscc), ("440301103097413", false), "{raw}");
    }
    assert_eq!(value::identity("440301103097413", Kind::Number).unwrap().key, "440301103097413");
    assert_eq!(value::identity("4600063000123", Kind::Number).unwrap().key, "4600063000123");
}

#[test]
fn destroyed_codes_are_refused_and_named() {
    for (raw, kind) in [
        ("9.146900000000E+17", Kind::Text),
        ("9.1469E17", Kind::Text),
        ("9.14690000000000E+17", Kind::Text),
        ("914690000000000000", Kind::Number),
        ("914690000000000000.0", Kind::Text),
        ("914690000000000000", Kind::Text),
        ("4.40301E+14", Kind::Text),
        ("1234567890123456", Kind::Number),
    ] {
        let refusal = value::identity(raw, kind).unwrap_err();
        assert_eq!(refusal.code, "uscc_destroyed", "{raw} {refusal:?}");
        assert!(refusal.why.contains("末位丢失"));
    }
    // Digits and one E are no float when the check character is right, in lower case too.
    let with_e = (0..10_000u32)
        .map(|n| code(&format!("9133990100{n:07}")))
        .find(|c| c.matches('E').count() == 1 && c.bytes().all(|b| b.is_ascii_digit() || b == b'E'))
        .unwrap();
    assert_eq!(value::identity(&with_e.to_lowercase(), Kind::Text).unwrap().key, with_e);
    for raw in ["12345", "无", "91350100M000100Y44", "1234567890123456789", "--", "0"] {
        assert!(value::identity(raw, Kind::Text).is_err(), "{raw}");
    }
    assert!(value::registration("4.40301E+14", Kind::Text).is_err());
    assert!(value::registration("企合000123", Kind::Text).is_err(), "no draw token can hold it");
    assert_eq!(value::registration("N330000-A1", Kind::Text).unwrap().key, "N330000-A1");
}

#[test]
fn dates_of_every_usual_form() {
    for raw in [
        "2026-03-02",
        "2026-3-2",
        "2026/3/2",
        "2026.3.2",
        "2026.03.02",
        "2026年3月2日",
        "2026 年 3 月 2 日",
        "20260302",
        "20260302.0",
        "46083",
        "46083.0",
        "46083.75",
        "2026-03-02 00:00:00",
        "2026-03-02T08:30:00",
        "2026/3/2 0:00",
        "２０２６－０３－０２",
        "2026年3月2日(星期一)",
        "2026年3月2日 周一",
        "2026年3月2号",
        " 2026-03-02\u{a0}",
        "'2026-03-02",
    ] {
        assert_eq!(value::date(raw, false), Ok(day("2026-03-02")), "{raw}");
    }
    assert_eq!(value::date("44621", true), Ok(day("2026-03-02")), "1904");
    for raw in [
        "",
        "2026",
        "202603",
        "3/2/2026",
        "02-03-26",
        "26/3/2",
        "2026-13-01",
        "2026-02-30",
        "1899-01-01",
        "2026-03-02x",
        "长期",
        "2026年3月",
        "0",
        "123456",
        "2026--03--02-01",
        "-46083",
        "9999999",
    ] {
        assert!(value::date(raw, false).is_err(), "{raw}: {:?}", value::date(raw, false));
    }
    assert_eq!(value::date("3/2/2026", false).unwrap_err().code, "ambiguous_date");
}

#[test]
fn numbers_words_and_degrees() {
    for raw in ["60", "60.0", "60分钟", "６０", " 60 分", "1小时", "60min", "60 minutes"] {
        assert_eq!(value::minutes(raw, 1000), Ok(60), "{raw}");
    }
    assert_eq!(value::minutes("1.5小时", 1000), Ok(90));
    assert_eq!(value::whole("1,440", &[], 10_000), Ok(1440));
    for raw in ["60.5", "-1", "abc", "", "1,44", "99999999999", "6 0 x", "1e3", "--"] {
        assert!(value::minutes(raw, 1000).is_err(), "{raw}");
    }
    for raw in ["是", "有", "Y", "yes", "1", "TRUE", "√", " 是 ", "ｙ"] {
        assert_eq!(words::yes_no(raw), Some(true), "{raw}");
    }
    for raw in ["否", "无", "N", "0", "false", "×"] {
        assert_eq!(words::yes_no(raw), Some(false), "{raw}");
    }
    assert_eq!(words::yes_no("也许"), None);
    assert_eq!(value::degrees("120.219"), Ok(120_219_000));
    assert_eq!(value::degrees("-0.5"), Ok(-500_000));
    assert_eq!(value::degrees("30.1234567"), Ok(30_123_457));
    assert!(value::degrees("181").is_err() && value::degrees("东经120").is_err());
    assert_eq!(value::clock("8:30"), Ok(510));
    assert_eq!(value::clock("17点30分"), Ok(1050));
    assert!(value::clock("25:00").is_err() && value::clock("8").is_err());
    let season = value::season("3月1日至6月30日").unwrap().unwrap();
    assert_eq!((season.from, season.to), ((3, 1), (6, 30)));
    assert_eq!(value::season("03-01~06-30").unwrap(), Some(season));
    assert_eq!(value::season("3月-6月").unwrap(), Some(season));
    assert_eq!(value::season("全年").unwrap(), None);
    assert!(value::season("02-30~03-01").is_err() && value::season("雨季").is_err());
}

#[test]
fn ratio_texts_as_officials_write_them() {
    let share = |bp, bound| Some(Rule::Share { bp, bound });
    let cases = [
        ("3%", share(300, Bound::Exact)),
        ("0.5%", share(50, Bound::Exact)),
        ("2‰", share(20, Bound::Exact)),
        ("抽查比例不少于2‰", share(20, Bound::AtLeast)),
        ("不低于0.5%", share(50, Bound::AtLeast)),
        ("不超过总数的2%", share(200, Bound::AtMost)),
        ("根据实际需要，不超过6%", share(600, Bound::AtMost)),
        ("一般不高于10%（基数7，10%）", share(1000, Bound::AtMost)),
        ("10% (20户)", share(1000, Bound::Exact)),
        ("3%;2次/年", share(300, Bound::Exact)),
        ("3%；1次", share(300, Bound::Exact)),
        ("25%,不少于1次/年", share(2500, Bound::Exact)),
        ("45%，抽查1次", share(4500, Bound::Exact)),
        ("不低于10%;抽查1次", share(1000, Bound::AtLeast)),
        ("市局抽查比例不少于30%", share(3000, Bound::AtLeast)),
        ("不超过10%/年", share(1000, Bound::AtMost)),
        ("3%以上", share(300, Bound::AtLeast)),
        ("百分之三", share(300, Bound::Exact)),
        ("不低于千分之二十五", share(250, Bound::AtLeast)),
        ("５％", share(500, Bound::Exact)),
        ("10-20%", Some(Rule::ShareRange { lo_bp: 1000, hi_bp: 2000 })),
        ("10%—20%", Some(Rule::ShareRange { lo_bp: 1000, hi_bp: 2000 })),
        ("60-70家", Some(Rule::CountRange { lo: 60, hi: 70 })),
        ("1户", Some(Rule::Count { n: 1, bound: Bound::Exact })),
        ("不少于20户", Some(Rule::Count { n: 20, bound: Bound::AtLeast })),
        ("20家以上", Some(Rule::Count { n: 20, bound: Bound::AtLeast })),
        ("100%", Some(Rule::All)),
        ("100%,不少于1次/年", Some(Rule::All)),
        ("全覆盖", Some(Rule::All)),
        ("≤10所不少于2所;>10所不低于50%", Some(Rule::AtLeastAndShare { min: 2, bp: 5000 })),
        ("10所及以下不少于2所；超过10所不低于50%", Some(Rule::AtLeastAndShare { min: 2, bp: 5000 })),
        ("不低于3%,且不少于5户", Some(Rule::AtLeastAndShare { min: 5, bp: 300 })),
        ("每年1次33%；或者每年分次达到33%", share(3300, Bound::Exact)),
        ("根据实际情况确定", None),
        ("", None),
        ("20", None),
        ("三级≥50%,二级≥30%,一级及以下一定比例;1次/年", None),
        ("省级不超过2%，市、县质监部门结合当地实际制定检查计划", None),
        ("每季度不少于5%", None),
        ("120%", None),
        ("20-10%", None),
        ("0.001%", None),
        ("1次/年", None),
        ("99999999999999999户", None),
    ];
    for (text, rule) in cases {
        let ratio = Ratio::parse(text);
        assert_eq!((ratio.text.as_str(), ratio.rule), (text, rule));
    }
}

#[test]
fn window_texts_as_officials_write_them() {
    let dates = |text: &str| WindowText::parse(text).dates(2026).unwrap_or_default();
    let one = |a: &str, b: &str| vec![(day(a), day(b))];
    for (text, want) in [
        ("1月-12月", one("2026-01-01", "2026-12-31")),
        ("1—12月", one("2026-01-01", "2026-12-31")),
        ("3—6月", one("2026-03-01", "2026-06-30")),
        ("4月至9月", one("2026-04-01", "2026-09-30")),
        ("10月底", one("2026-01-01", "2026-10-31")),
        ("10月底前", one("2026-01-01", "2026-10-31")),
        ("2月底", one("2026-01-01", "2026-02-28")),
        ("7月20日前", one("2026-01-01", "2026-07-20")),
        ("7月10日-7月30日", one("2026-07-10", "2026-07-30")),
        ("2027年1月1日 -2027年12月31日", one("2027-01-01", "2027-12-31")),
        ("2027年1月- 2027年11月", one("2027-01-01", "2027-11-30")),
        ("2027年1月—11月", one("2027-01-01", "2027-11-30")),
        ("2026-03-01~2026-06-30", one("2026-03-01", "2026-06-30")),
        ("全年", one("2026-01-01", "2026-12-31")),
        ("上半年", one("2026-01-01", "2026-06-30")),
        ("第三季度", one("2026-07-01", "2026-09-30")),
        ("6月", one("2026-06-01", "2026-06-30")),
    ] {
        assert_eq!(dates(text), want, "{text}");
    }
    let two = dates("两批：7月20日前/10月15日前");
    assert_eq!(two, [(day("2026-01-01"), day("2026-07-20")), (day("2026-01-01"), day("2026-10-15"))]);
    for text in [
        "",
        "两批",
        "区级发起,区级检查",
        "7月29日-10月31日前100%公示",
        "13月",
        "2月30日",
        "6月-3月",
        "三批:7月前/8月前",
        "适时",
    ] {
        assert!(WindowText::parse(text).dates(2026).is_none(), "{text}");
    }
}

#[test]
fn working_days_follow_the_notices() {
    let table = workdays::built_in();
    assert!(table.is_announced(2026) && !table.is_announced(2031));
    assert!(!table.is_workday(day("2026-10-01")) && table.is_workday(day("2026-10-10")));
    assert!(table.is_workday(day("2026-02-14")), "a Saturday worked in exchange");
    // 20 working days after 2026-09-20 (itself a Sunday worked): the holidays lie between.
    let due = table.after(day("2026-09-20"), 20).unwrap();
    assert_eq!(table.count(day("2026-09-21"), due), 20);
    assert!(due > day("2026-10-18"));
    assert_eq!(table.after(day("2026-03-06"), 1), Some(day("2026-03-09")));
    assert!(WorkdayTable::parse("x\n2026-01-01,休,元旦\n2026-01-01,班,元旦\n").is_err(), "a date twice");
    assert!(WorkdayTable::parse("x\n2026-01-01,假,元旦\n").is_err());
}

#[test]
fn the_documents_within_the_program_parse() {
    assert_eq!(headers::tables().len(), 12);
    for table in headers::tables() {
        for column in &table.columns {
            for word in [&column.id, &column.zh].into_iter().chain(&column.aliases) {
                assert_eq!(
                    table.column(word).map(|i| table.columns[i].id.as_str()),
                    Some(column.id.as_str()),
                    "{} {word}",
                    table.id
                );
            }
        }
        for word in [&table.id, &table.zh].into_iter().chain(&table.aliases) {
            assert_eq!(headers::table_named(word).map(|t| t.id.as_str()), Some(table.id.as_str()), "{word}");
        }
    }
    assert_eq!(headers::table_named("03_执法人员名录表").map(|t| t.id.as_str()), None);
    assert_eq!(headers::table_named("附件2 检查对象表").map(|t| t.id.as_str()), Some("subjects"));
    assert!(words::mode("现场检查").is_some() && words::meaning("forever", "长期").is_some());
    assert!(workdays::built_in().is_announced(2004));
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(raw in any::<String>()) {
        for kind in [Kind::Text, Kind::Number, Kind::Error] {
            let _ = value::identity(&raw, kind);
            let _ = value::registration(&raw, kind);
        }
        let _ = (value::date(&raw, false), value::date(&raw, true), value::minutes(&raw, 9), value::degrees(&raw));
        let _ = (value::season(&raw), value::clock(&raw), Ratio::parse(&raw), WindowText::parse(&raw).dates(2026));
        let _ = (text::clean(&raw), text::code(&raw), text::key(&raw));
    }

    #[test]
    fn nor_does_one_of_the_right_characters(raw in "[0-9年月日季度底前批两%‰户所家不少于超过≤>;,/.~—()（）上下半全：:E+\\- 百分之千十以]{0,24}") {
        let _ = (value::identity(&raw, Kind::Text), value::date(&raw, false), value::minutes(&raw, 9), value::season(&raw));
        let _ = (Ratio::parse(&raw), WindowText::parse(&raw).dates(2026), value::clock(&raw), value::degrees(&raw));
    }

    #[test]
    fn every_registration_number_survives_being_a_number(digits in 100_000_000_000_000u64..999_999_999_999_999) {
        let plain = digits.to_string();
        #[expect(clippy::cast_precision_loss, reason = "that is what a spreadsheet does")]
        let float = digits as f64;
        prop_assert_eq!(value::identity(&float.to_string(), Kind::Number).unwrap().key, plain.clone());
        prop_assert_eq!(value::identity(&format!("{plain}.0"), Kind::Text).unwrap().key, plain);
    }

    #[test]
    fn no_credit_code_made_a_number_is_ever_accepted(n in 0u64..9_999_999_999_999_999) {
        let digits = format!("9{n:016}");
        if let Some(check) = uscc::check_character(digits.as_bytes()).filter(u8::is_ascii_digit) {
            let whole: f64 = format!("{digits}{}", char::from(check)).parse().unwrap();
            prop_assert!(value::identity(&whole.to_string(), Kind::Number).is_err());
            let shown = format!("{whole:e}").replace('e', "E+");
            prop_assert!(value::identity(&shown, Kind::Text).is_err());
        }
    }

    #[test]
    fn dates_round_trip_through_every_form(days in 30_000u32..60_000) {
        let date = day("1899-12-30") + chrono::Days::new(days.into());
        for text in [date.format("%Y-%m-%d"), date.format("%Y/%-m/%-d"), date.format("%Y年%-m月%-d日"), date.format("%Y%m%d"), date.format("%Y.%m.%d")] {
            prop_assert_eq!(value::date(&text.to_string(), false), Ok(date));
        }
        prop_assert_eq!(value::date(&days.to_string(), false), Ok(date));
    }
}
