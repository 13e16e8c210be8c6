// Prints how many nanoseconds a getppid(2) takes: the median of some runs of many. Under a system call filter that is
// what the filter costs, beside the call itself.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kCalls = 200000, kRuns = 15 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void* one, const void* other) {
  const double a = *(const double*)one, b = *(const double*)other;
  return (a > b) - (a < b);
}

int main(void) {
  double runs[kRuns];
  for (int i = 0; i < kRuns; ++i) {
    const double start = now();
    for (int call = 0; call < kCalls; ++call) syscall(SYS_getppid);
    runs[i] = (now() - start) / kCalls;
  }
  qsort(runs, kRuns, sizeof runs[0], compare);
  printf("%.1f\n", runs[kRuns / 2]);
  return 0;
}
