#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of colonnade/learn/network.h in Python's PyTorch, as one writes it there, and the time of its steps of
training (forward, mean squared error, backward, Adam). Prints one line of JSON: seconds and processor seconds per step.
tools/bench_train.py runs it beside Colonnade's own."""
import argparse
import json
import time

import torch
from torch import nn


class Layer(nn.Sequential):
    def __init__(self, channels_in, channels_out):
        super().__init__(nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False), nn.BatchNorm2d(channels_out),
                         nn.ReLU(inplace=True))


class Block(nn.Module):
    def __init__(self, channels_in, channels_out):
        super().__init__()
        self.first = Layer(channels_in, channels_out)
        self.residual = nn.Sequential(*(Layer(channels_out, channels_out) for _ in range(3)))
        self.last = Layer(channels_out, channels_out)

    def finish(self, entered):
        return self.last(self.residual(entered) + entered)


class Network(nn.Module):
    def __init__(self, widths, elements):
        super().__init__()
        self.encoder = nn.ModuleList(Block(i, o) for i, o in zip([1] + widths[:-2], widths[:-1]))
        self.bridge = Block(widths[-2], widths[-1])
        self.decoder = nn.ModuleList(Block(i, o) for i, o in zip(widths[1:], widths[:-1]))
        self.output = nn.Conv2d(widths[0], elements, 1)

    def forward(self, state):
        skips = []
        for block in self.encoder:
            skips.append(block.first(state))
            state = nn.functional.max_pool2d(block.finish(skips[-1]), 2)
        state = self.bridge.finish(self.bridge.first(state))
        for block, skip in zip(reversed(self.decoder), reversed(skips)):
            up = nn.functional.interpolate(state, scale_factor=2, mode="bilinear", align_corners=False)
            state = block.finish(block.first(up) + skip)
        return self.output(state)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    network = Network([options.width * factor for factor in (1, 2, 4, 8)], 5).to(device, memory_format=layout)
    adam = torch.optim.Adam(network.parameters(), lr=1e-3)
    images = torch.rand(options.batch, 1, options.side, options.side, device=device).to(memory_format=layout)
    labels = torch.rand(options.batch, 5, options.side, options.side, device=device).to(memory_format=layout)
    scaler = torch.cuda.amp.GradScaler(enabled=device == "cuda")

    def step():
        adam.zero_grad(set_to_none=True)
        with torch.autocast(device, enabled=device == "cuda"):
            loss = nn.functional.mse_loss(network(images).float(), labels)
        scaler.scale(loss).backward()
        scaler.step(adam)
        scaler.update()
        return loss.item()

    step()
    start, processor = time.perf_counter(), time.process_time()
    for _ in range(options.steps):
        step()
    print(json.dumps({"seconds": (time.perf_counter() - start) / options.steps,
                      "processor_seconds": (time.process_time() - processor) / options.steps,
                      "weights": sum(p.numel() for p in network.parameters()), "torch": torch.__version__}))


if __name__ == "__main__":
    main()
