/**
 * The {@code lenet} command, with one class per subcommand. A class turns options into records and
 * results into output. It does nothing else.
 *
 * <p>Start with {@link io.github.lenet.cli.Lenet}. Results go to standard output, everything else
 * to standard error. The exit code is 0 for done, 1 for failed and 2 for wrong usage. An error is
 * one line.
 *
 * <p>This package must not know how data is fetched, how the network is built or how it is trained.
 * That is in {@code io.github.lenet.data}, {@code .model} and {@code .training}. Nothing here may
 * load TensorFlow's native library before a command needs it. Help, versions and usage errors work
 * at once, and on machines without natives.
 */
package io.github.lenet.cli;
