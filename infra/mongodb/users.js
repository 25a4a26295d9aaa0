const users = [
  {
    user: 'auth',
    pwd: process.env.AUTH_MONGODB_PASSWORD,
    roles: [
      { role: 'readWrite', db: 'auth' },
    ],
  },
  {
    user: 'tickets',
    pwd: process.env.TICKETS_MONGODB_PASSWORD,
    roles: [
      { role: 'readWrite', db: 'tickets' },
    ],
  },
  {
    user: 'orders',
    pwd: process.env.ORDERS_MONGODB_PASSWORD,
    roles: [
      { role: 'readWrite', db: 'orders' },
    ],
  },
  {
    user: 'payments',
    pwd: process.env.PAYMENTS_MONGODB_PASSWORD,
    roles: [
      { role: 'readWrite', db: 'payments' },
    ],
  },
  {
    user: 'replay',
    pwd: process.env.REPLAY_MONGODB_PASSWORD,
    roles: [
      { role: 'read', db: 'auth' },
      { role: 'read', db: 'tickets' },
      { role: 'read', db: 'orders' },
      { role: 'read', db: 'payments' },
    ],
  },
  {
    user: 'operator',
    pwd: process.env.OPERATOR_MONGODB_PASSWORD,
    roles: [
      { role: 'read', db: 'auth' },
      { role: 'read', db: 'tickets' },
      { role: 'read', db: 'orders' },
      { role: 'read', db: 'payments' },
    ],
  },
  {
    user: 'repair',
    pwd: process.env.REPAIR_MONGODB_PASSWORD,
    roles: [
      { role: 'readWrite', db: 'auth' },
      { role: 'readWrite', db: 'tickets' },
      { role: 'readWrite', db: 'orders' },
      { role: 'readWrite', db: 'payments' },
    ],
  },
]
const admin = db.getSiblingDB('admin')
for (const { user, ...rest } of users) {
  admin.getUser(user) ? admin.updateUser(user, rest) : admin.createUser({ user, ...rest })
}
