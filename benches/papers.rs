//! 5,000 dispatch slips in three copies each, as one Word file and as one page for printing: time, bytes, and the most
//! memory the process ever held.
//!
//! `cargo bench --bench papers -- [N]`
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use onedoor::documents::papers::dispatch_slip::DispatchSlip;
use onedoor::documents::papers::{Book, Format, ItemLine, MemberLine, SubjectLine};
use std::io::Write;
use std::time::Instant;

/// Counts what is written and keeps nothing, as an answer that is sent does.
#[derive(Default)]
struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn slip(n: usize) -> DispatchSlip {
    let member = |m: usize| MemberLine {
        post: if m == 0 {
            "A岗"
        } else if m == 1 {
            "B岗"
        } else {
            "检查人员"
        }
        .to_owned(),
        name: format!("检查员{}", n * 6 + m),
        department: format!("示范县第{}局", m / 2 + 1),
        unit: "综合执法一科".to_owned(),
        certificate: format!("3504{:08}", n * 6 + m),
    };
    DispatchSlip {
        county: "示范县".to_owned(),
        number: format!("V{n:05}"),
        inspections: vec!["示抽查〔2026〕1号 餐饮服务单位部门联合抽查".to_owned()],
        lead: "示范县市场监督管理局".to_owned(),
        subject: SubjectLine {
            name: format!("示范县第{n}号饭店有限公司"),
            key: format!("91350403MA{n:08}"),
            kind: "有限责任公司".to_owned(),
            industry: "正餐服务".to_owned(),
            address: format!("城关镇中山路{n}号"),
            contact: "王先生".to_owned(),
            phone: "0598-1234567".to_owned(),
        },
        when: "2026年3月12日09:30".to_owned(),
        dispatched_on: "2026年3月6日".to_owned(),
        announced: true,
        team: (0..6).map(member).collect(),
        items: (0..6)
            .map(|i| ItemLine {
                department: format!("示范县第{}局", i / 2 + 1),
                name: format!("第{i}项检查事项的名称"),
                ..ItemLine::default()
            })
            .collect(),
        draws: vec!["ab".repeat(32)],
    }
}

/// The most memory this process ever held, KiB.
fn peak() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn main() {
    let n = std::env::args().skip(1).find_map(|w| w.parse().ok()).unwrap_or(5_000);
    for format in Format::ALL {
        let begin = Instant::now();
        let mut book = Book::new(format, "派遣单", Sink::default()).unwrap();
        for i in 0..n {
            for sheet in slip(i).sheets() {
                book.sheet(&sheet).unwrap();
            }
        }
        let bytes = book.finish().unwrap().0;
        println!(
            "{n} slips ({} pages) as {}: {:.2} s, {:.1} MB, peak memory {} MiB",
            3 * n,
            format.ending(),
            begin.elapsed().as_secs_f64(),
            bytes as f64 / 1e6,
            peak() / 1024,
        );
    }
}
