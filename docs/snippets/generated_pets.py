import pets_client

with pets_client.Client("https://pets.example.com", api_key="key-1") as client:
    pet = client.pets.get("rex")
    print(pet.name, pet.age)

# prints
# Rex 7
