/**
 * Turns results into what people and scripts read: tables, JSON, files, messages of failures.
 *
 * <p>Nothing here knows the options of a command.
 */
package io.github.lenet.cli.output;
