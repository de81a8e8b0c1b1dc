// A native addon with a bug: it writes where there is no memory, as soon as it is loaded.
__attribute__((constructor)) static void load(void) {
  *(volatile int *)8 = 1;
}
