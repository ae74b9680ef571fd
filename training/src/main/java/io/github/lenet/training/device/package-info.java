/**
 * Finds the device to train on: a usable GPU, else the CPU, with the reason.
 *
 * <p>Start at {@link io.github.lenet.training.device.DeviceSelection#auto()}. This package knows
 * nothing of the network.
 */
package io.github.lenet.training.device;
