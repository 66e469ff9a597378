//! The command line of the draw: journeys through a folder, as an office would do them.

use assert_cmd::Command;
use onedoor::cli::draw::judge_files;
use onedoor::domain::draw::verify::{Verdict, verify_bytes};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const T0: u64 = 1_692_803_433;
const SIG_123: &str =
    "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";

/// Runs the program and gives exit code and standard output.
fn run(args: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_onedoor")).args(args).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    (out.status.code().unwrap(), text)
}

/// Runs a step at a time and expects an exit code.
fn at(seconds: u64, want: i32, args: &[&str]) -> String {
    let time = (T0 + seconds).to_string();
    let mut all = args.to_vec();
    all.extend(["--at", &time]);
    let (code, text) = run(&all);
    assert_eq!(code, want, "{args:?}: {text}");
    text
}

fn lists(dir: &Path, subjects_count: u32, people_count: u32) {
    let mut subjects = String::from("\u{feff}统一社会信用代码,注册号,市场主体名称,分层,权重\n");
    for i in 0..subjects_count {
        let (code, number) = if i % 3 == 0 {
            (String::new(), format!("4600{i:05}"))
        } else {
            (format!("9146900{i:011}"), String::new())
        };
        subjects.push_str(&format!("{code},{number},第{i}号商行,{},1\n", if i % 5 == 0 { "D" } else { "A" }));
    }
    std::fs::write(dir.join("subjects.csv"), subjects).unwrap();
    let mut people = String::from("人员编号,单位,可任A岗,上限,资格,回避\n");
    for i in 0..people_count {
        let unit = if i * 10 < people_count * 6 { "SAMR" } else { "FIRE" };
        people.push_str(&format!(
            "I{i:02},{unit},{},60,Q-ZFZ;Q-F,R:460000003\n",
            if i % 2 == 0 { "是" } else { "否" }
        ));
    }
    std::fs::write(dir.join("inspectors.csv"), people).unwrap();
    std::fs::write(dir.join("excluded.csv"), "标识,原因代码\nR:460000006,ZX\n").unwrap();
    let rules = r#"
authority = "469006-SAMR"
plan = "2026-01"
list = "L1"
witnesses = ["RD-1", "GZ-2"]
[quota]
mode = "webster"
total_bp = 1000
[[stratum]]
code = "A"
bp = 300
[[stratum]]
code = "D"
bp = 3000
[[team]]
unit = "SAMR"
size = 2
leads = 1
qual = "Q-ZFZ"
min_load = true
[[team]]
unit = "FIRE"
size = 1
"#;
    std::fs::write(dir.join("rules.toml"), rules).unwrap();
}

struct Office {
    home: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        Self::of(120, 10)
    }

    fn of(subjects: u32, people: u32) -> Self {
        let home = tempfile::tempdir().unwrap();
        lists(home.path(), subjects, people);
        Self { home }
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    fn open(&self, policy: &str, more: &[&str]) -> String {
        let dir = self.path("draw");
        let (s, i, e, r) = (
            self.path("subjects.csv"),
            self.path("inspectors.csv"),
            self.path("excluded.csv"),
            self.path("rules.toml"),
        );
        let mut args = vec![
            "draw",
            "open",
            &dir,
            "--subjects",
            &s,
            "--inspectors",
            &i,
            "--excluded",
            &e,
            "--rules",
            &r,
            "--policy",
            policy,
            "--not-before",
            "+300s",
            "--deadline",
            "+900s",
        ];
        args.extend(more);
        at(0, 0, &args);
        dir
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let dir = self.home.path().join("draw");
        let mut files = BTreeMap::new();
        for sub in ["", "records/"] {
            for entry in std::fs::read_dir(dir.join(sub)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let name = format!("{sub}{}", path.file_name().unwrap().to_str().unwrap());
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    fn ceremony(&self) -> String {
        let dir = self.open("ceremony", &[]);
        at(10, 0, &["draw", "seal", &dir, "--witness", "RD-1=4719-08", "--witness", "GZ-2=海阔天空 731"]);
        at(20, 0, &["draw", "reveal", &dir]);
        at(30, 0, &["draw", "result", &dir]);
        dir
    }

    fn json(&self, args: &[&str]) -> Value {
        let (_, text) = run(args);
        serde_json::from_str(&text).map_err(|e| format!("{e}: {text}")).unwrap()
    }
}

#[test]
fn a_ceremony_from_lists_to_a_verified_bundle() {
    let office = Office::new();
    let dir = office.ceremony();
    assert_eq!(run(&["verify", &dir]).0, 0, "{}", run(&["verify", &dir]).1);
    let (public, audit) = (office.path("public.json"), office.path("audit.json"));
    run(&["draw", "bundle", &dir, "--out", &public]);
    run(&["draw", "bundle", &dir, "--out", &audit, "--audit"]);
    let (code, text) = run(&["verify", &public]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("恰好这") && text.contains("结论:全部属实"), "{text}");
    let (code, text) = run(&["verify", &public, "--list", &audit]);
    assert!(code == 0 && text.contains("[审计] 名单逐户与名录承诺一致"), "{text}");
    // The public bundle must not carry the list.
    let value: Value = serde_json::from_slice(&std::fs::read(&public).unwrap()).unwrap();
    assert!(value.get("audit").is_none());
    let winner = value["winners"][0]["id"].as_str().unwrap().to_owned();
    let (code, text) = run(&["check", &public, &winner]);
    assert!(code == 0 && text.contains("被抽中"), "{text}");
    let (code, text) = run(&["check", &public, "R:460000006", "--list", &audit]);
    assert!(code == 0 && text.contains("排除名单"), "{text}");
    assert!(run(&["check", &public, "R:999", "--list", &audit]).1.contains("不在本次名录中"));
    assert_eq!(run(&["check", &public, "99999"]).0, 3);
    let out = office.path("cards");
    assert_eq!(run(&["draw", "disclose", &dir, "--id", &winner, "--out", &out]).0, 0);
    let card = std::fs::read_dir(&out).unwrap().next().unwrap().unwrap().path();
    let (code, text) = run(&["check", &public, "--disclosure", card.to_str().unwrap()]);
    assert!(code == 0 && text.contains("被抽中"), "{text}");
    let proof = office.path("result.tlog-proof");
    assert_eq!(run(&["draw", "proof", &dir, "result", "--out", &proof]).0, 0);
    let proof =
        onedoor::domain::draw::note::TlogProof::parse(&std::fs::read_to_string(proof).unwrap()).unwrap();
    assert!(proof.proves(value["records"]["result"].as_str().unwrap().as_bytes()));
    let roster = office.json(&["draw", "roster", &dir, "--json"]);
    assert_eq!(roster["drawn"].as_array().unwrap().len(), value["winners"].as_array().unwrap().len());
    assert_eq!(roster["seats"].as_array().unwrap().len(), 3 * value["winners"].as_array().unwrap().len());
}

#[test]
#[cfg(unix)]
fn secrets_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::new();
    let dir = office.open("ceremony", &[]);
    let mode = std::fs::metadata(format!("{dir}/private.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn every_changed_byte_of_every_file_of_a_finished_folder_is_found() {
    let office = Office::of(7, 3);
    office.ceremony();
    let good = office.files();
    assert_eq!(judge_files(&good, None).verdict(), Verdict::Verified);
    assert!(good.len() >= 10, "{:?}", good.keys());
    for (name, bytes) in &good {
        (0..bytes.len()).into_par_iter().for_each(|i| {
            let mut files = good.clone();
            files.get_mut(name).unwrap()[i] ^= 1 << (i % 8);
            assert_eq!(judge_files(&files, None).verdict(), Verdict::Failed, "{name} byte {i}");
        });
        for change in [0, 1] {
            let mut files = good.clone();
            match change {
                0 => files.get_mut(name).unwrap().push(b'\n'),
                _ => {
                    files.get_mut(name).unwrap().pop();
                }
            }
            let lock = name == ".lock";
            assert_eq!(judge_files(&files, None).verdict() == Verdict::Failed, !lock, "{name} {change}");
        }
        if ![".lock", "private.json"].contains(&name.as_str()) {
            let mut files = good.clone();
            files.remove(name);
            assert_eq!(judge_files(&files, None).verdict(), Verdict::Failed, "without {name}");
        }
    }
}

#[test]
fn every_changed_byte_of_a_small_bundle_is_found() {
    let office = Office::of(7, 3);
    let dir = office.ceremony();
    let path = office.path("public.json");
    run(&["draw", "bundle", &dir, "--out", &path]);
    let good = std::fs::read(&path).unwrap();
    assert_eq!(verify_bytes(&good, None).verdict(), Verdict::Verified);
    let missed: Vec<usize> = (0..good.len())
        .into_par_iter()
        .filter(|i| {
            let mut bad = good.clone();
            bad[*i] ^= 1 << (i % 7);
            verify_bytes(&bad, None).verdict() != Verdict::Failed
        })
        .collect();
    let near = |i: &usize| {
        let text =
            String::from_utf8_lossy(&good[i.saturating_sub(30)..(i + 10).min(good.len())]).into_owned();
        format!("byte {i}: {text}")
    };
    assert!(
        missed.is_empty(),
        "{} of {}: {:#?}",
        missed.len(),
        good.len(),
        missed.iter().map(near).collect::<Vec<_>>()
    );
}

#[test]
fn a_public_draw_waits_for_its_beacon() {
    let office = Office::new();
    let dir = office.open("public", &["--beacon", "drand-quicknet:123"]);
    let signature = format!("123={SIG_123}");
    assert!(at(5, 3, &["draw", "beacon", &dir, "--drand", &signature]).contains("已揭示"));
    at(10, 0, &["draw", "seal", &dir, "--witness", "RD-1=1", "--witness", "GZ-2=2"]);
    at(20, 0, &["draw", "reveal", &dir]);
    assert!(at(290, 3, &["draw", "beacon", &dir, "--drand", &signature]).contains("尚未到not-before"));
    let wrong = format!("123={}", SIG_123.replace('b', "c"));
    assert!(at(301, 3, &["draw", "beacon", &dir, "--drand", &wrong]).contains("签名验证不通过"));
    at(301, 3, &["draw", "result", &dir]);
    at(302, 0, &["draw", "beacon", &dir, "--drand", &signature]);
    assert_eq!(run(&["verify", &dir]).0, 4);
    at(303, 0, &["draw", "result", &dir]);
    let (code, text) = run(&["verify", &dir]);
    assert!(code == 0 && text.contains("BLS签名对固定公钥有效"), "{text}");
}

#[test]
fn an_embargo_is_published_later() {
    let office = Office::new();
    let dir = office.open("embargo", &["--beacon", "drand-quicknet:123", "--publish-by", "+9000s"]);
    at(10, 0, &["draw", "seal", &dir, "--witness", "RD-1=1", "--witness", "GZ-2=2"]);
    at(20, 0, &["draw", "reveal", &dir]);
    at(302, 0, &["draw", "beacon", &dir, "--drand", &format!("123={SIG_123}")]);
    at(303, 0, &["draw", "result", &dir]);
    let (code, text) = run(&["verify", &dir]);
    assert!(code == 4 && text.contains("保密期内"), "{text}");
    assert_eq!(run(&["check", &dir, "R:460000003"]).0, 3);
    // The office itself can see whom to send where.
    assert!(!office.json(&["draw", "roster", &dir, "--json"])["drawn"].as_array().unwrap().is_empty());
    let secret = office.json(&["draw", "escrow", &dir, "--json"])["server"].as_str().unwrap().to_owned();
    assert!(!std::fs::read_to_string(format!("{dir}/draw.json")).unwrap().contains(&secret));
    at(400, 3, &["draw", "round", &dir, "--witness", "RD-1"]);
    at(500, 0, &["draw", "publish", &dir]);
    assert!(std::fs::read_to_string(format!("{dir}/draw.json")).unwrap().contains(&secret));
    assert_eq!(run(&["draw", "escrow", &dir]).0, 3);
    assert_eq!(run(&["verify", &dir]).0, 0);
}

#[test]
fn steps_out_of_order_name_what_is_missing() {
    let office = Office::new();
    let dir = office.open("ceremony", &[]);
    assert!(at(1, 3, &["draw", "reveal", &dir]).contains("已封存"));
    assert!(at(1, 3, &["draw", "result", &dir]).contains("已揭示"));
    assert!(at(1, 3, &["draw", "publish", &dir]).contains("embargo"));
    assert!(at(1, 3, &["draw", "seal", &dir, "--witness", "RD-1=1"]).contains("GZ-2"));
    at(1, 3, &["draw", "again", &dir, "--witness", "RD-1"]);
    let (s, r) = (office.path("subjects.csv"), office.path("rules.toml"));
    let text = at(2, 3, &["draw", "open", &dir, "--subjects", &s, "--rules", &r, "--policy", "ceremony"]);
    assert!(text.contains("重抽须留痕"), "{text}");
    assert_eq!(run(&["draw", "status", &office.path("nothing")]).0, 3);
    assert_eq!(run(&["verify", &office.path("nothing.json")]).0, 5);
    assert_eq!(run(&["draw", "open"]).0, 2);
    let status = office.json(&["draw", "status", &dir, "--json"]);
    assert_eq!(status["stage"], "opened");
}

#[test]
fn an_abort_and_the_next_attempt_stay_in_the_folder() {
    let office = Office::new();
    let dir = office.open("ceremony", &[]);
    at(10, 0, &["draw", "seal", &dir, "--witness", "RD-1=1", "--witness", "GZ-2=2"]);
    at(20, 0, &["draw", "reveal", &dir]);
    at(30, 3, &["draw", "abort", &dir, "--reason", "停电"]);
    at(30, 0, &["draw", "abort", &dir, "--reason", "POWER-CUT"]);
    assert_eq!(run(&["verify", &dir]).0, 0);
    at(40, 0, &["draw", "again", &dir, "--witness", "RD-1", "--not-before", "+100s"]);
    at(50, 0, &["draw", "seal", &dir, "--witness", "RD-1=second"]);
    at(60, 0, &["draw", "reveal", &dir]);
    at(70, 0, &["draw", "result", &dir]);
    let (code, text) = run(&["verify", &dir]);
    assert!(code == 0 && text.contains("本会得到的结果"), "{text}");
}

#[test]
fn a_supplementary_round_replaces_a_subject_and_a_seat() {
    let office = Office::new();
    let dir = office.ceremony();
    let roster = office.json(&["draw", "roster", &dir, "--json"]);
    let id = |i: usize| roster["drawn"][i]["id"].as_str().unwrap().to_owned();
    let (gone, kept) = (id(0), id(1));
    let args = [
        "draw",
        "round",
        &dir,
        "--witness",
        "RD-1",
        "--not-before",
        "+100s",
        "--gone",
        &format!("{gone}=QC"),
        "--refill",
        &format!("{kept}/SAMR/1=ILL"),
    ];
    at(100, 0, &args);
    at(110, 0, &["draw", "seal", &dir, "--witness", "RD-1=x"]);
    at(120, 0, &["draw", "reveal", &dir]);
    at(130, 0, &["draw", "result", &dir]);
    let (code, text) = run(&["verify", &dir]);
    assert_eq!(code, 0, "{text}");
    let after = office.json(&["draw", "roster", &dir, "--json"]);
    assert_eq!(after["drawn"].as_array().unwrap().len(), 1);
    assert_eq!(after["seats"].as_array().unwrap().len(), roster["seats"].as_array().unwrap().len());
    assert!(run(&["check", &dir, &kept]).1.contains("前一轮已被抽中"));
}

#[test]
fn a_witness_keeps_the_card() {
    let office = Office::new();
    let dir = office.open("ceremony", &[]);
    let card = office.json(&["draw", "card", &dir, "--witness", "RD-1", "--text", "秘密", "--json"]);
    let (salt, commitment) = (card["salt"].as_str().unwrap(), card["commitment"].as_str().unwrap());
    at(10, 0, &["draw", "seal", &dir, "--witness", "GZ-2=2", "--commitment", &format!("RD-1={commitment}")]);
    assert!(at(20, 3, &["draw", "reveal", &dir]).contains("RD-1"));
    at(20, 3, &["draw", "reveal", &dir, "--witness", &format!("RD-1={salt}:别的")]);
    at(20, 0, &["draw", "reveal", &dir, "--witness", &format!("RD-1={salt}:秘密")]);
    at(30, 0, &["draw", "result", &dir]);
    assert_eq!(run(&["verify", &dir]).0, 0);
}

#[test]
fn a_crash_between_two_files_is_mended_by_the_next_step() {
    let office = Office::new();
    let dir = office.open("ceremony", &[]);
    at(10, 0, &["draw", "seal", &dir, "--witness", "RD-1=1", "--witness", "GZ-2=2"]);
    let before = office.files();
    at(20, 0, &["draw", "reveal", &dir]);
    // Killed after private.json was renamed and before draw.json: the step did not happen and can be done again.
    std::fs::write(format!("{dir}/draw.json"), &before["draw.json"]).unwrap();
    let extra = format!("{dir}/records/004-reveal.txt");
    std::fs::remove_file(&extra).unwrap();
    at(21, 0, &["draw", "reveal", &dir]);
    // Killed before the copies: they come back.
    std::fs::remove_file(&extra).unwrap();
    std::fs::remove_file(format!("{dir}/checkpoint.txt")).unwrap();
    std::fs::write(format!("{dir}/.tmpabc"), "half").unwrap();
    at(30, 0, &["draw", "result", &dir]);
    assert_eq!(run(&["verify", &dir]).0, 0, "{}", run(&["verify", &dir]).1);
    // A changed copy is not mended silently.
    std::fs::write(&extra, "vdr/1/reveal\n").unwrap();
    assert_eq!(run(&["draw", "status", &dir]).0, 3);
    assert_eq!(run(&["verify", &dir]).0, 1);
}

#[test]
fn outside_cosigners_make_the_times() {
    use onedoor::domain::draw::note::{SignedCheckpoint, Speaker, VerifierKey};
    let office = Office::new();
    let keys: Vec<String> = [("notary.example", 11), ("city.example", 12)]
        .map(|(name, k)| VerifierKey::of_secret(name, Speaker::Cosigner, &[k; 32]).unwrap().to_string())
        .to_vec();
    let dir = office.open("ceremony", &["--cosigner", &keys[0], "--cosigner", &keys[1], "--quorum", "2"]);
    let cosign = |time: u64| {
        let note = std::fs::read_to_string(format!("{dir}/checkpoint.txt")).unwrap();
        let mut note = SignedCheckpoint::parse(&note).unwrap();
        note.cosign("notary.example", &[11; 32], T0 + time).unwrap();
        note.cosign("city.example", &[12; 32], T0 + time + 1).unwrap();
        let file = office.path("signed.txt");
        std::fs::write(&file, note.text()).unwrap();
        at(time + 2, 0, &["draw", "cosign", &dir, &file]);
    };
    cosign(2);
    at(10, 0, &["draw", "seal", &dir, "--witness", "RD-1=1", "--witness", "GZ-2=2"]);
    at(20, 0, &["draw", "reveal", &dir]);
    at(30, 0, &["draw", "result", &dir]);
    let (code, text) = run(&["verify", &dir]);
    assert!(code == 1 && text.contains("没有见证检查点覆盖result"), "{text}");
    cosign(40);
    let (code, text) = run(&["verify", &dir]);
    assert!(code == 0 && text.contains("notary.example"), "{text}");
    let trusted = ["verify", &dir, "--cosigner", &keys[0], "--cosigner", &keys[1], "--quorum", "2"];
    assert_eq!(run(&trusted).0, 0);
    assert_eq!(run(&["verify", &dir, "--cosigner", &keys[0]]).0, 1);
    assert_eq!(run(&["verify", &dir, "--quorum", "3"]).0, 1);
}

#[test]
fn a_rewritten_log_does_not_fit_an_older_checkpoint() {
    let (office, other) = (Office::new(), Office::new());
    let dir = office.open("ceremony", &[]);
    let kept = office.path("kept.txt");
    std::fs::copy(format!("{dir}/checkpoint.txt"), &kept).unwrap();
    for (office, dir) in [(&office, &dir), (&other, &other.open("ceremony", &[]))] {
        at(10, 0, &["draw", "seal", dir, "--witness", "RD-1=1", "--witness", "GZ-2=2"]);
        at(20, 0, &["draw", "reveal", dir]);
        at(30, 0, &["draw", "result", dir]);
        let id = office.json(&["draw", "status", dir, "--json"])["draw_id"].as_str().unwrap().to_owned();
        assert_eq!(run(&["verify", dir, "--draw-id", &id]).0, 0);
        assert_eq!(run(&["verify", dir, "--draw-id", &"0".repeat(64)]).0, 1);
    }
    assert_eq!(run(&["verify", &dir, "--checkpoint", &kept]).0, 0);
    // A whole draw made anew verifies by itself, but not as the log whose checkpoint was printed.
    assert_eq!(run(&["verify", &other.path("draw")]).0, 0);
    assert_eq!(run(&["verify", &other.path("draw"), "--checkpoint", &kept]).0, 1);
}

#[test]
fn every_fault_of_the_lists_is_named_at_once() {
    let office = Office::new();
    std::fs::write(office.path("subjects.csv"), "标识,分层,权重\nA,层,1\nB,D,0\nB b,D,1\nC,D,x\n").unwrap();
    let (dir, s, r) = (office.path("draw"), office.path("subjects.csv"), office.path("rules.toml"));
    let text = at(0, 3, &["draw", "open", &dir, "--subjects", &s, "--rules", &r, "--policy", "ceremony"]);
    assert!(text.contains("第5行的权重不是数"), "{text}");
    std::fs::write(office.path("subjects.csv"), "标识,分层,权重\nA,层,1\nB,D,0\nB b,D,1\nC,D,2\nC,D,2\n")
        .unwrap();
    let text = at(0, 3, &["draw", "open", &dir, "--subjects", &s, "--rules", &r, "--policy", "ceremony"]);
    for part in ["层", "权重须至少为1", "B b", "C重复"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!Path::new(&dir).join("draw.json").exists());
}
