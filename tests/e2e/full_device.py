"""A device file like the bench's in which every member that a device file may have is used."""
from device import bench_device_file


def full_device_file():
    file = bench_device_file()
    channels = {channel["path"]: channel for part in file["parts"] for channel in part["channels"].values()}
    parts = {next(iter(part["channels"].values()))["path"]: part for part in file["parts"]}
    parts["cabin/doorOpen"]["activeLow"] = parts["cabin/lamp"]["activeLow"] = False
    parts["cabin/doorOpen"].update(bias="pullUp", debounceMs=5)
    parts["cabin/fan"].update(frequencyHz=20000, tachometer="fan-tachometer", pulsesPerRevolution=2, bias="pullUp")
    parts["cabin/fan"]["channels"]["speed"] = {"path": "cabin/fanSpeed"}
    channels["cabin/temperature"]["calibration"] = {"scale": 1.0, "offset": -0.5}
    channels["tank/level"]["alarms"] = [
        {"name": "full", "above": 0.5, "deadband": 0.1, "onDelayMs": 1, "offDelayMs": 1, "severity": "error", "acknowledge": True,
         "text": "Open the drain"}, {"name": "gone", "quality": "bad"}]
    channels["cabin/lamp"]["alarms"] = [{"name": "dark", "is": False}]
    channels["cabin/heater"].update(baton="cabin", interlocks=[
        {"channel": "cabin/stopButton", "is": False}, {"channel": "cabin/temperature", "below": 59}])
    channels["cabin/fan"].update(
        title="Fan", calibration={"scale": 1, "offset": 0}, baton="cabin", ratePerS=1000, minOnMs=0, minOffMs=0,
        lease={"required": False, "maxMs": 60000}, interlocks=[{"channel": "tank/level", "above": 1}],
        feedback={"channel": "cabin/temperature", "scale": 0, "offset": 20, "tolerance": 100, "verifyMs": 2000},
        override={"channel": "cabin/doorOpen", "is": True, "value": 0})
    channels["cabin/lamp"].update(
        initial=False, deadlineMs=1000, minOnMs=1, minOffMs=1, override={"channel": "tank/level", "below": 0, "value": True})
    file["parts"] += [
        {"kind": "pulseCounter", "line": "heater-meter", "activeLow": True, "bias": "pullUp", "debounceMs": 10, "pulsesPerUnit": 10000,
         "periodMs": 1000, "channels": {"count": {"path": "cabin/heaterEnergy"}, "rate": {"path": "cabin/heaterPower"}}},
        {"kind": "hwmon", "chip": "lm75", "input": "temp1", "periodMs": 1000, "channels": {"value": {"path": "outside/board"}}},
        {"kind": "iioChannel", "device": "mcp3208", "channel": "in_voltage0", "periodMs": 1000,
         "channels": {"value": {"path": "tank/sender"}}},
        {"kind": "serialText", "port": "/dev/ttyUSB0", "baud": 4800, "prefix": "$WIMTA,", "separator": ",", "field": 0, "periodMs": 500,
         "channels": {"value": {"path": "outside/station"}}},
        {"kind": "canSignal", "interface": "can0", "id": "0x123", "startBit": 23, "bits": 16, "byteOrder": "motorola", "signed": True, "periodMs": 100,
         "channels": {"value": {"path": "outside/charger", "calibration": {"scale": 0.1, "offset": 0}}, "state": {"path": "outside/frost"}}},
        {"kind": "servo", "output": "servo", "minUs": 900, "maxUs": 2100, "restMs": 1000, "periodMs": 1000,
         "channels": {"angle": {"path": "cabin/flap", "safe": 0}}},
        {"kind": "ds18b20", "id": "28-0123456789ab", "periodMs": 2000, "channels": {"temperature": {"path": "outside/air"}}},
        {"kind": "lm75", "bus": 1, "address": 79, "bits": 9, "periodMs": 1000, "channels": {"temperature": {"path": "outside/wall"}}},
        {"kind": "ads1115", "bus": 1, "address": 74, "rangeVolts": 6.144, "samplesPerSecond": 860, "pairs": "2-3", "periodMs": 1000,
         "channels": {f"in{i}": {"path": f"converter/in{i}"} for i in range(4)}},
        {"kind": "mcp3008", "bus": 0, "chipSelect": 0, "clockHz": 1000000, "referenceVolts": 5, "pairs": "2-3", "periodMs": 1000,
         "channels": {f"in{i}": {"path": f"spi/in{i}"} for i in range(8)}},
        {"kind": "bme280", "bus": 1, "address": 118, "oversampling": 2, "periodMs": 1000,
         "channels": {port: {"path": f"cabin/{port}"} for port in ("humidity", "pressure")} | {"temperature": {"path": "cabin/air"}}},
        {"kind": "ina219", "bus": 1, "address": 64, "shuntOhms": 0.01, "maxAmperes": 16, "averages": 4, "periodMs": 1000,
         "channels": {port: {"path": f"supply/{port}"} for port in ("voltage", "current", "power")}}]
    return file
