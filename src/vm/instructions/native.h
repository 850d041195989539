/* Loops that run as machine code. */

sample: /* ip is the target of a jump backwards */
    SAVE();
    native_sample(frame, ip);
    DISPATCH();

TARGET(NATIVE_1) TARGET(NATIVE_2) TARGET(NATIVE_3) {
    SAVE();
    NativeLoop *loop = native_find(frame->exec, ip);
    int original = loop->original;
    bool failed;
    const Word *next = native_run(loop, frame, &failed);
    if (!next) goto *targets[original];
    bool at_header = next == ip;
    ip = next;
    if (failed) goto error;
    if (eval_breaker_is_set()) goto breaker;
    if (at_header) goto *targets[original];     /* the machine code could not do it */
    DISPATCH();
}
