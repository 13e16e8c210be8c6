// What a process takes that does nothing: the least that `brig state` could.
int main(void) { return 0; }
