"""Device types as operators deal with them, and what holds for a device after its type."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE, DEFAULT_TYPE_ID, DeviceType, Display
from relay.store.driver import Do, Driver, Row, Steps, rows_of
from relay.store.provisioning import read_device


@dataclass(frozen=True, slots=True)
class DeviceTypes:
    """All device types. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def list(self) -> Sequence[DeviceType]:
        """All by name; the default one comes first, whether or not somebody changed it."""
        found = [_device_type(row) for row in await self.driver.transact(rows_of("list_device_types"))]
        default = next((one for one in found if one.id == DEFAULT_TYPE_ID), DEFAULT_TYPE)
        return [default, *(one for one in found if one.id != DEFAULT_TYPE_ID)]

    async def counts(self) -> Mapping[int, int]:
        """How many devices belong to each type that has any, by its id."""
        rows = await self.driver.transact(rows_of("count_devices_by_type"))
        return {row["type_id"]: row["devices"] for row in rows}

    async def read(self, type_id: int) -> DeviceType | None:
        """A type by its id."""
        return await self.driver.transact(_read(type_id))

    async def find(self, name: str) -> DeviceType | None:
        """A type by its name."""
        return await self.driver.transact(_find(name))

    async def add(self, device_type: DeviceType) -> DeviceType | None:
        """Keep a new type; the answer has its id. None when the name is taken."""
        return await self.driver.transact(_add(device_type))

    async def put(self, device_type: DeviceType) -> bool:
        """Change a type; false when another has the name."""
        return await self.driver.transact(_put(device_type))

    async def remove(self, type_id: int) -> bool:
        """Forget a type; false when devices belong to it, or it is the default one."""
        if type_id == DEFAULT_TYPE_ID:
            return False
        return bool(await self.driver.transact(rows_of("remove_device_type", id=type_id)))

    async def settings_of(self, device_number: int) -> DeviceSettings | None:
        """What holds for a device; None when there is no such device."""
        return await self.driver.transact(settings_of(device_number))


def settings_of(device_number: int) -> Steps[DeviceSettings | None]:
    """What holds for a device; None when there is no such device."""
    rows = yield Do("read_device", [{"number": device_number}])
    if not rows:
        return None
    device = read_device(rows[0])
    return effective(device, (yield from _read(device.type_id)) or DEFAULT_TYPE)


def _read(type_id: int) -> Steps[DeviceType | None]:
    rows = yield Do("read_device_type", [{"id": type_id}])
    if rows:
        return _device_type(rows[0])
    return DEFAULT_TYPE if type_id == DEFAULT_TYPE_ID else None


def _find(name: str) -> Steps[DeviceType | None]:
    if name == DEFAULT_TYPE.name:
        return (yield from _read(DEFAULT_TYPE_ID))
    rows = yield Do("device_type_named", [{"name": name}])
    return (yield from _read(rows[0]["id"])) if rows else None


def _add(device_type: DeviceType) -> Steps[DeviceType | None]:
    type_id = (yield Do("take_ids", [{"count": 1}]))[0]["first_id"]
    added = replace(device_type, id=type_id)
    return added if (yield from _put(added)) else None


def _put(device_type: DeviceType) -> Steps[bool]:
    yield Do("change_ways")  # nobody else takes the name
    holder = yield from _find(device_type.name)
    if holder is not None and holder.id != device_type.id:
        return False
    yield Do("put_device_type", [asdict(device_type)])
    return True


def _device_type(row: Row) -> DeviceType:
    values = {field.name: row[field.name] for field in fields(DeviceType)}
    return DeviceType(**{**values, "display": Display(row["display"])})
