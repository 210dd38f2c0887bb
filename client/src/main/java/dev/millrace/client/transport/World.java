package dev.millrace.client.transport;

import java.time.InstantSource;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * All that is not decided by what is stored and what is told: time, chance, the network, tokens.
 *
 * @param scheduler on which everything that follows the server runs
 * @param clock the device's, which may be wrong and may jump
 * @param nanos time that only goes forward, for telling how long something took
 */
public record World(
    Scheduler scheduler,
    Transport transport,
    InstantSource clock,
    LongSupplier nanos,
    Random random,
    TokenSource tokens) {}
