/**
 * Turns results into tables, JSON, files and error messages.
 *
 * <p>This package must not depend on {@code io.github.lenet.cli.options}.
 */
package io.github.lenet.cli.output;
