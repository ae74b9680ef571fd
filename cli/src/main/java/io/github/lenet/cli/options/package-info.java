/**
 * Option groups, arguments and converters, which turn a command line into values.
 *
 * <p>This package must not carry out commands.
 */
package io.github.lenet.cli.options;
