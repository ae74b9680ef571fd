/**
 * The {@code lenet} command: one class per command, which turns options into records and records
 * into words, and does nothing else.
 *
 * <p>Start with {@link io.github.lenet.cli.Lenet}. Results go to standard output, everything else
 * to standard error; the exit code is 0 when done, 1 when it failed, 2 for wrong usage, and an
 * error is one line.
 *
 * <p>This package must not know how data is fetched, how the network is built or how it is trained:
 * that is in {@code io.github.lenet.data}, {@code .model} and {@code .training}. Nothing here may
 * load TensorFlow's native library before a command needs it: help, versions and usage errors work
 * at once, and on machines that have no natives.
 */
package io.github.lenet.cli;
