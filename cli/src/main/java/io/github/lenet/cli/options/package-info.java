/**
 * Turns the words of a command line into values: groups of options, arguments, converters.
 *
 * <p>Nothing here does what a command is for.
 */
package io.github.lenet.cli.options;
