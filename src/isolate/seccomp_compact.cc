#include "isolate/seccomp_compact.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

namespace brig::isolate {

namespace {

using Program = std::vector<sock_filter>;

constexpr std::uint32_t kArch = offsetof(seccomp_data, arch);
constexpr std::uint32_t kNumber = offsetof(seccomp_data, nr);

bool is_load(const sock_filter& now) { return now.code == (BPF_LD | BPF_W | BPF_ABS); }
bool is_jump_always(const sock_filter& now) { return now.code == (BPF_JMP | BPF_JA); }
bool is_return(const sock_filter& now) { return now.code == (BPF_RET | BPF_K); }
bool is_condition(const sock_filter& now) {
  return BPF_CLASS(now.code) == BPF_JMP && !is_jump_always(now) && BPF_SRC(now.code) == BPF_K;
}

bool holds(const sock_filter& condition, std::uint32_t value) {
  switch (BPF_OP(condition.code)) {
    case BPF_JEQ:
      return value == condition.k;
    case BPF_JGT:
      return value > condition.k;
    case BPF_JGE:
      return value >= condition.k;
    default:
      return (value & condition.k) != 0;
  }
}

// What the program does with a call once it has only looked at its architecture and number: answer,
// or go on at the instruction `value`, which loads something else.
struct Outcome {
  bool answers = false;
  std::uint32_t value = 0;
  bool operator==(const Outcome&) const = default;
};

// Numbers from `first` on, up to the next run's, have this outcome.
struct Run {
  std::uint32_t first = 0;
  Outcome outcome;
};

// --- reading the program ---

// The values at which the program can change its mind.
struct Boundaries {
  std::vector<std::uint32_t> archs;       // in the order in which it compares them
  std::vector<std::uint32_t> numbers{0};  // the first ones of what it treats alike, in any order
};

// Walks all paths up to the loads of something else than architecture and number.
class BoundaryFinder {
 public:
  explicit BoundaryFinder(const Program& program)
      : program_(program), seen_(program.size() * kHoldings) {}

  // None when the program does what this file does not follow.
  std::optional<Boundaries> find() {
    visit(0, Holding::kNothing);
    if (strange_) return std::nullopt;
    return std::move(found_);
  }

 private:
  enum class Holding : std::uint8_t { kNothing, kTheArch, kTheNumber };
  static constexpr std::size_t kHoldings = 3;

  // Jumps go forward only, so the depth is bounded by the kernel's 4,096 instructions; what was
  // seen before is not walked again.
  void visit(std::size_t at, Holding holding) {
    while (!strange_) {
      if (at >= program_.size()) {
        strange_ = true;
        return;
      }
      const std::size_t state = at * kHoldings + static_cast<std::size_t>(holding);
      if (seen_[state]) return;
      seen_[state] = true;
      const sock_filter& now = program_[at];
      if (is_return(now)) return;
      if (is_load(now)) {
        if (now.k != kArch && now.k != kNumber) return;
        holding = now.k == kArch ? Holding::kTheArch : Holding::kTheNumber;
      } else if (is_jump_always(now)) {
        at += now.k;
      } else if (is_condition(now)) {
        note(now, holding);
        visit(at + 1 + now.jt, holding);
        at += now.jf;
      } else {
        strange_ = true;
      }
      ++at;
    }
  }

  void note(const sock_filter& condition, Holding holding) {
    if (holding == Holding::kTheNumber)
      note_number(BPF_OP(condition.code), condition.k);
    else if (holding == Holding::kTheArch && BPF_OP(condition.code) == BPF_JEQ)
      note_arch(condition.k);
    else
      strange_ = true;
  }

  void note_arch(std::uint32_t arch) {
    if (std::find(found_.archs.begin(), found_.archs.end(), arch) == found_.archs.end())
      found_.archs.push_back(arch);
  }

  void note_number(unsigned operation, std::uint32_t value) {
    constexpr std::uint32_t kHighestBits = 1U << 28U;
    if (operation == BPF_JSET) {
      // One of the highest bits: it changes with each multiple of it.
      if (value < kHighestBits || (value & (value - 1)) != 0) strange_ = true;
      for (std::uint32_t first = value; !strange_ && first != 0; first += value)
        found_.numbers.push_back(first);
      return;
    }
    if (operation != BPF_JGT) found_.numbers.push_back(value);
    if (operation != BPF_JGE && value != ~std::uint32_t{0}) found_.numbers.push_back(value + 1);
  }

  const Program& program_;
  Boundaries found_;
  std::vector<bool> seen_;  // of each instruction, with each holding
  bool strange_ = false;
};

// How many instructions a jump leaves out.
std::uint32_t left_out_by(const sock_filter& jump, std::uint32_t accumulator) {
  if (is_jump_always(jump)) return jump.k;
  return holds(jump, accumulator) ? jump.jt : jump.jf;
}

// What happens to the calls of one architecture.
class Reader {
 public:
  Reader(const Program& program, const PlainAnswers& plain, std::uint32_t arch)
      : program_(program), arch_(arch), plain_at_(plain.at) {
    for (const PlainCalls& some : plain.calls)
      if (some.audit_arch == arch)
        plain_.insert(plain_.end(), some.calls.begin(), some.calls.end());
    std::sort(plain_.begin(), plain_.end(),
              [](const PlainCall& a, const PlainCall& b) { return a.number < b.number; });
  }

  // `numbers`: where the program can change its mind.
  [[nodiscard]] std::vector<Run> runs(std::vector<std::uint32_t> numbers) const {
    for (const PlainCall& call : plain_)
      for (const std::uint32_t number : {call.number, call.number + 1}) numbers.push_back(number);
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    std::vector<Run> runs;
    for (const std::uint32_t number : numbers) {
      const Outcome outcome = outcome_of(number);
      if (runs.empty() || runs.back().outcome != outcome) runs.push_back({number, outcome});
    }
    return runs;
  }

 private:
  // BoundaryFinder has seen that there is nothing else in the program.
  [[nodiscard]] Outcome outcome_of(std::uint32_t number) const {
    std::uint32_t accumulator = 0;
    for (std::size_t at = 0;; ++at) {
      const PlainCall* plain = at == plain_at_ ? find_plain(number) : nullptr;
      if (plain != nullptr) return {.answers = true, .value = plain->answer};
      const sock_filter& now = program_[at];
      if (is_return(now)) return {.answers = true, .value = now.k};
      if (is_jump_always(now) || is_condition(now)) {
        at += left_out_by(now, accumulator);
      } else {
        if (now.k != kArch && now.k != kNumber) return {.value = static_cast<std::uint32_t>(at)};
        accumulator = now.k == kArch ? arch_ : number;
      }
    }
  }

  [[nodiscard]] const PlainCall* find_plain(std::uint32_t number) const {
    const auto found = std::lower_bound(
        plain_.begin(), plain_.end(), number,
        [](const PlainCall& call, std::uint32_t wanted) { return call.number < wanted; });
    return found != plain_.end() && found->number == number ? &*found : nullptr;
  }

  const Program& program_;
  std::uint32_t arch_ = 0;
  std::size_t plain_at_ = 0;
  std::vector<PlainCall> plain_;  // sorted by number
};

// --- writing the new one ---

class Writer {
 public:
  explicit Writer(const Program& old) : old_(old) {}

  // `other`: of all architectures that are not in `archs`.
  Program write(const std::vector<std::uint32_t>& archs, const std::vector<std::vector<Run>>& runs,
                const std::vector<Run>& other) {
    load(kArch);
    std::vector<std::size_t> entries;
    for (const std::uint32_t arch : archs) {
      condition(BPF_JEQ, arch, 0, 1);
      entries.push_back(jump());
    }
    write_tree(other);
    for (std::size_t i = 0; i < archs.size(); ++i) {
      land(entries[i]);
      write_tree(runs[i]);
    }
    write_blocks();
    return std::move(new_);
  }

 private:
  // A conditional jump reaches 255 instructions: the conditions between so many runs, and as many
  // different outcomes.
  static constexpr std::ptrdiff_t kMostRuns = 128;

  // A condition that leads to a run's outcome when it holds (or not).
  struct Unanswered {
    std::size_t at = 0;
    bool yes = false;
    Outcome outcome;
  };

  void load(std::uint32_t offset) { new_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)); }
  void condition(int operation, std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
    new_.push_back(
        BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | operation | BPF_K), value, yes, no));
  }
  // A jump to where land() is called for it.
  std::size_t jump() {
    new_.push_back(BPF_STMT(BPF_JMP | BPF_JA, 0));
    return new_.size() - 1;
  }
  void land(std::size_t jump) { new_[jump].k = static_cast<std::uint32_t>(new_.size() - jump - 1); }

  void write_tree(const std::vector<Run>& runs) {
    if (runs.size() > 1) load(kNumber);
    write_search(runs.data(), runs.data() + runs.size());
  }

  // A binary search; the depth is the logarithm of the number of runs.
  void write_search(const Run* first, const Run* end) {
    if (end - first == 1) return write_outcome(first->outcome);
    if (end - first <= kMostRuns) {
      write_conditions(first, end);
      return write_answers();
    }
    const Run* middle = first + (end - first) / 2;
    condition(BPF_JGE, middle->first, 0, 1);
    const std::size_t right = jump();
    write_search(first, middle);
    land(right);
    write_search(middle, end);
  }

  // One condition between two runs; what a run alone does comes behind them all, once.
  void write_conditions(const Run* first, const Run* end) {
    const Run* middle = first + (end - first) / 2;
    const std::size_t at = new_.size();
    condition(BPF_JGE, middle->first, 0, 0);
    if (middle - first == 1)
      unanswered_.push_back({at, false, first->outcome});
    else
      write_conditions(first, middle);
    if (end - middle == 1) {
      unanswered_.push_back({at, true, middle->outcome});
    } else {
      new_[at].jt = static_cast<std::uint8_t>(new_.size() - at - 1);
      write_conditions(middle, end);
    }
  }

  void write_answers() {
    std::map<std::pair<bool, std::uint32_t>, std::size_t> places;
    for (const auto& [at, yes, outcome] : unanswered_) {
      const auto [place, added] = places.try_emplace({outcome.answers, outcome.value}, new_.size());
      if (added) write_outcome(outcome);
      (yes ? new_[at].jt : new_[at].jf) = static_cast<std::uint8_t>(place->second - at - 1);
    }
    unanswered_.clear();
  }

  void write_outcome(const Outcome& outcome) {
    if (outcome.answers)
      new_.push_back(BPF_STMT(BPF_RET | BPF_K, outcome.value));
    else
      to_blocks_.emplace_back(jump(), outcome.value);
  }

  // Which of the old instructions look at arguments, or come after that.
  [[nodiscard]] std::vector<bool> blocks() const {
    std::vector<bool> kept(old_.size(), false);
    for (const auto& [from, to] : to_blocks_) kept[to] = true;
    for (std::size_t at = 0; at < old_.size(); ++at) {
      const sock_filter& now = old_[at];
      if (!kept[at] || BPF_CLASS(now.code) == BPF_RET) continue;
      if (is_jump_always(now)) {
        kept[at + 1 + now.k] = true;
        continue;
      }
      const bool jumps = BPF_CLASS(now.code) == BPF_JMP;
      kept[at + 1 + (jumps ? now.jt : 0)] = true;
      kept[at + 1 + (jumps ? now.jf : 0)] = true;
    }
    return kept;
  }

  // In the old order: leaving out what nothing leads to only makes jumps shorter.
  void write_blocks() {
    const std::vector<bool> kept = blocks();
    std::vector<std::size_t> place(old_.size());
    std::size_t next = new_.size();
    for (std::size_t at = 0; at < old_.size(); ++at)
      if (kept[at]) place[at] = next++;
    for (const auto& [from, to] : to_blocks_)
      new_[from].k = static_cast<std::uint32_t>(place[to] - from - 1);
    for (std::size_t at = 0; at < old_.size(); ++at)
      if (kept[at]) new_.push_back(moved(at, place));
  }

  [[nodiscard]] sock_filter moved(std::size_t at, const std::vector<std::size_t>& place) const {
    sock_filter now = old_[at];
    const auto distance = [&](std::size_t target) { return place[target] - place[at] - 1; };
    if (is_jump_always(now)) {
      now.k = static_cast<std::uint32_t>(distance(at + 1 + now.k));
    } else if (BPF_CLASS(now.code) == BPF_JMP) {
      const std::size_t yes = distance(at + 1 + now.jt);
      const std::size_t no = distance(at + 1 + now.jf);
      now.jt = static_cast<std::uint8_t>(yes);
      now.jf = static_cast<std::uint8_t>(no);
    }
    return now;
  }

  const Program& old_;
  Program new_;
  std::vector<Unanswered> unanswered_;
  std::vector<std::pair<std::size_t, std::size_t>> to_blocks_;  // jump here, instruction there
};

// An architecture that the program does not know.
std::uint32_t other_than(const std::vector<std::uint32_t>& archs) {
  std::uint32_t other = 0;
  while (std::find(archs.begin(), archs.end(), other) != archs.end()) ++other;
  return other;
}

}  // namespace

std::optional<std::vector<sock_filter>> compact_filter(const std::vector<sock_filter>& program,
                                                       const PlainAnswers& plain) {
  const std::optional<Boundaries> boundaries = BoundaryFinder(program).find();
  if (!boundaries) return std::nullopt;
  std::vector<std::uint32_t> archs = boundaries->archs;
  for (const PlainCalls& some : plain.calls)
    if (std::find(archs.begin(), archs.end(), some.audit_arch) == archs.end())
      archs.push_back(some.audit_arch);
  std::vector<std::vector<Run>> runs;
  runs.reserve(archs.size());
  for (const std::uint32_t arch : archs)
    runs.push_back(Reader(program, plain, arch).runs(boundaries->numbers));
  const std::vector<Run> other =
      Reader(program, plain, other_than(archs)).runs(boundaries->numbers);
  return Writer(program).write(archs, runs, other);
}

}  // namespace brig::isolate
